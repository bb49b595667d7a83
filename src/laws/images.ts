import { type Shape, type Tensor, zeros } from "../tensor.ts";

/** A tensor of images [N,H,W,C] from a value for each place. */
export function imagesFrom(
  shape: Shape,
  like: Tensor,
  value: (n: number, u: number, v: number, c: number) => number,
): Tensor {
  const result = zeros(shape, like.dtype);
  const { data } = result;
  const [N, H, W, C] = shape;
  let e = 0;
  for (let n = 0; n < N; n++)
    for (let u = 0; u < H; u++) for (let v = 0; v < W; v++) for (let c = 0; c < C; c++) data[e++] = value(n, u, v, c);
  return result;
}

/** The value of an image at a place, for reading one element after the other. */
export function reader(x: Tensor): (n: number, u: number, v: number, c: number) => number {
  const { data } = x;
  const [, H, W, C] = x.shape;
  return (n, u, v, c) => data[((n * H + u) * W + v) * C + c];
}

/** Rows top … top+height−1 and columns left … left+width−1. */
export function crop(x: Tensor, top: number, left: number, height: number, width: number): Tensor {
  const [N, , , C] = x.shape;
  const at = reader(x);
  return imagesFrom([N, height, width, C], x, (n, u, v, c) => at(n, top + u, left + v, c));
}

/** Each image moved down and right by so many pixels; what leaves on one side comes in on the other. */
export function roll(x: Tensor, down: number, right: number): Tensor {
  const [, H, W] = x.shape;
  const at = reader(x);
  return imagesFrom(x.shape, x, (n, u, v, c) => at(n, modulo(u - down, H), modulo(v - right, W), c));
}

/** Circular padding: the image continues beyond its edges with its other side. */
export function wrap(x: Tensor, bottom: number, right: number): Tensor {
  const [N, H, W, C] = x.shape;
  const at = reader(x);
  return imagesFrom([N, H + bottom, W + right, C], x, (n, u, v, c) => at(n, u % H, v % W, c));
}

/** Zero padding on four sides, written out. */
export function padded(x: Tensor, [top, bottom, left, right]: readonly number[]): Tensor {
  const [N, H, W, C] = x.shape;
  const at = reader(x);
  const inside = (u: number, v: number) => u >= 0 && u < H && v >= 0 && v < W;
  return imagesFrom([N, H + top + bottom, W + left + right, C], x, (n, u, v, c) =>
    inside(u - top, v - left) ? at(n, u - top, v - left, c) : 0,
  );
}

/** Channels first … first+count−1. */
export function channelsOf(x: Tensor, first: number, count: number): Tensor {
  const at = reader(x);
  return imagesFrom([...x.shape.slice(0, 3), count], x, (n, u, v, c) => at(n, u, v, first + c));
}

/** Image n alone, as a batch of one; any shape. */
export function imageOf(x: Tensor, n: number): Tensor {
  const size = x.size / x.shape[0];
  const result = zeros([1, ...x.shape.slice(1)], x.dtype);
  result.data.set(x.data.subarray(n * size, (n + 1) * size));
  return result;
}

/** Rows become columns. */
export function transposed(x: Tensor): Tensor {
  const [N, H, W, C] = x.shape;
  const at = reader(x);
  return imagesFrom([N, W, H, C], x, (n, u, v, c) => at(n, v, u, c));
}

function modulo(a: number, b: number): number {
  return ((a % b) + b) % b;
}

/** The kernel [KH,KW,C,F] turned by half a turn: what ties convolution and cross-correlation. */
export function flipped(kernel: Tensor): Tensor {
  const [KH, KW, C, F] = kernel.shape;
  const at = reader(kernel);
  return imagesFrom([KH, KW, C, F], kernel, (p, q, c, f) => at(KH - 1 - p, KW - 1 - q, c, f));
}

/** Tensors of images side by side along their channels. */
export function stacked(parts: readonly Tensor[]): Tensor {
  const places = parts.flatMap((part) => Array.from({ length: part.shape[3] }, (_, c) => [reader(part), c] as const));
  const [N, H, W] = parts[0].shape;
  return imagesFrom([N, H, W, places.length], parts[0], (n, u, v, c) => places[c][0](n, u, v, places[c][1]));
}
