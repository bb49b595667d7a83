/**
 * Sine and cosine of an angle in degrees, without those of Math, which differ from one JavaScript engine to the next.
 *   sin r = r·(1 − r²/2·3·(1 − r²/4·5·(…)))      cos r = 1 − r²/1·2·(1 − r²/3·4·(…))      |r| ≤ 45°
 *
 * The remainder r to the nearest quarter turn is exact, so quarter turns are too.
 *
 * ```ts
 * sineAndCosine(90); // [1, 0]
 * sineAndCosine(60); // [0.8660254037844387, 0.49999999999999994]
 * ```
 */
export function sineAndCosine(degrees: number): readonly [sine: number, cosine: number] {
  const quarters = Math.round(degrees / 90);
  const r = (degrees - 90 * quarters) * (Math.PI / 180);
  const square = r * r;
  let [sine, cosine] = [1, 1];
  for (let n = LAST_POWER; n >= 2; n -= 2) {
    sine = 1 - (square / (n * (n + 1))) * sine;
    cosine = 1 - (square / (n * (n - 1))) * cosine;
  }
  sine *= r;
  const turned = [sine, cosine, -sine, -cosine];
  const quarter = ((quarters % 4) + 4) % 4;
  return [turned[quarter], turned[(quarter + 1) % 4]];
}

/** (π/4)¹⁸/18! is nothing beside 1 in float64. */
const LAST_POWER = 18;
