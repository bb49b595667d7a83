/** Not a variant: how those of first-layer/ that hold two, three or six filters store four pixels of them, from a vector for each. */

// @ts-ignore: decorator
@inline
export function store2(a0: v128, a1: v128, y: usize, pixel: usize): void {
  const low = v128.shuffle<f32>(a0, a1, 0, 4, 1, 5), high = v128.shuffle<f32>(a0, a1, 2, 6, 3, 7);
  v128.store_lane<f64>(y, low, 0);
  v128.store_lane<f64>(y + pixel, low, 1);
  v128.store_lane<f64>(y + 2 * pixel, high, 0);
  v128.store_lane<f64>(y + 3 * pixel, high, 1);
}

// @ts-ignore: decorator
@inline
export function store3(a0: v128, a1: v128, a2: v128, y: usize, pixel: usize): void {
  const low = v128.shuffle<f32>(a0, a1, 0, 4, 1, 5), high = v128.shuffle<f32>(a0, a1, 2, 6, 3, 7);
  v128.store_lane<f64>(y, low, 0);
  v128.store_lane<f32>(y, a2, 0, 8);
  y += pixel;
  v128.store_lane<f64>(y, low, 1);
  v128.store_lane<f32>(y, a2, 1, 8);
  y += pixel;
  v128.store_lane<f64>(y, high, 0);
  v128.store_lane<f32>(y, a2, 2, 8);
  y += pixel;
  v128.store_lane<f64>(y, high, 1);
  v128.store_lane<f32>(y, a2, 3, 8);
}

// @ts-ignore: decorator
@inline
export function store6(a0: v128, a1: v128, a2: v128, a3: v128, a4: v128, a5: v128, y: usize, pixel: usize): void {
  const low01 = v128.shuffle<f32>(a0, a1, 0, 4, 1, 5), high01 = v128.shuffle<f32>(a0, a1, 2, 6, 3, 7);
  const low23 = v128.shuffle<f32>(a2, a3, 0, 4, 1, 5), high23 = v128.shuffle<f32>(a2, a3, 2, 6, 3, 7);
  const low45 = v128.shuffle<f32>(a4, a5, 0, 4, 1, 5), high45 = v128.shuffle<f32>(a4, a5, 2, 6, 3, 7);
  v128.store(y, v128.shuffle<f64>(low01, low23, 0, 2));
  v128.store_lane<f64>(y, low45, 0, 16);
  y += pixel;
  v128.store(y, v128.shuffle<f64>(low01, low23, 1, 3));
  v128.store_lane<f64>(y, low45, 1, 16);
  y += pixel;
  v128.store(y, v128.shuffle<f64>(high01, high23, 0, 2));
  v128.store_lane<f64>(y, high45, 0, 16);
  y += pixel;
  v128.store(y, v128.shuffle<f64>(high01, high23, 1, 3));
  v128.store_lane<f64>(y, high45, 1, 16);
}
