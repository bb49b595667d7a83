/** Tensors as small PNGs inside the page; the browser enlarges them without smoothing. */
import { encode } from "fast-png";
import type { Tensor } from "../../tensor.ts";
import { type Html, html } from "./html.ts";

/** Pixels of `channels` bytes as an <img>. */
function picture(data: Uint8Array, height: number, width: number, channels: number, alt: string): Html {
  const png = encode({ width, height, data, channels, depth: 8 });
  const address = `data:image/png;base64,${Buffer.from(png).toString("base64")}`;
  return html`<img src="${address}" width="${width}" height="${height}" alt="${alt}">`;
}

/** Image number `index` of [n, height, width, 1 or 3], 0 black and 1 white. */
export function photograph(images: Tensor, index: number, alt: string): Html {
  const [, height, width, channels] = images.shape;
  const size = height * width * channels;
  const values = images.data.subarray(index * size, (index + 1) * size);
  const bytes = Uint8Array.from(values, (value) => Math.round(255 * Math.min(Math.max(value, 0), 1)));
  return picture(bytes, height, width, channels, alt);
}

/** Filter `f` of a kernel [KH,KW,C,F] as it looks at channel `c`: −scale blue, 0 white, +scale red. */
export function filterPicture(kernel: Tensor, c: number, f: number, scale: number, alt: string): Html {
  const [height, width, channels, filters] = kernel.shape;
  const bytes = new Uint8Array(height * width * 3);
  for (let pixel = 0; pixel < height * width; pixel++) {
    bytes.set(diverging(kernel.data[(pixel * channels + c) * filters + f] / scale), pixel * 3);
  }
  return picture(bytes, height, width, 3, alt);
}

const BLUE = [33, 102, 172];
const WHITE = [255, 255, 255];
const RED = [178, 24, 43];

/** −1 blue, 0 white, 1 red. */
export function diverging(value: number): number[] {
  const end = value < 0 ? BLUE : RED;
  const part = Math.min(Math.abs(value), 1);
  return WHITE.map((white, channel) => Math.round(white + (end[channel] - white) * part));
}
