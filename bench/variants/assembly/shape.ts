/** Not a variant: the convolution, of stride 1, whose input's gradient the variants of input-gradient/ compute. */
@unmanaged
export class Shape {
  images: i32;
  /** Of dx. */
  height: i32;
  width: i32;
  channels: i32;
  kernelHeight: i32;
  kernelWidth: i32;
  filters: i32;
  /** Zeros around x: above it and on its left. */
  top: i32;
  left: i32;
  /** Of dy. */
  outputHeight: i32;
  outputWidth: i32;
}

/** Numbers that a run is worked on at a time; runs are filled up to whole blocks. */
export const LANES = 32;

/** [KH][blocks of a run][F][32] from [KH,KW,C,F]: what one number of dy is multiplied with lies together. */
export function packRuns(s: Shape, kernel: usize, to: usize): void {
  const length = s.kernelWidth * s.channels;
  for (let p = 0; p < s.kernelHeight; p++) {
    for (let r = 0; r < length; r += LANES) {
      for (let f = 0; f < s.filters; f++) {
        for (let lane = r; lane < r + LANES; lane++) {
          const from = kernel + (<usize>((p * length + lane) * s.filters + f) << 2);
          store<f32>(to, lane < length ? load<f32>(from) : 0);
          to += 4;
        }
      }
    }
  }
}

/** Bytes of an image of dx, of dy. */
// @ts-ignore: decorator
@inline
export function imageBytes(s: Shape): usize {
  return <usize>(s.height * s.width * s.channels) << 2;
}

// @ts-ignore: decorator
@inline
export function gradientBytes(s: Shape): usize {
  return <usize>(s.outputHeight * s.outputWidth * s.filters) << 2;
}
