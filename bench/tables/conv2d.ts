import type { PeerName } from "../peers/commands.ts";
import type { ConvPass, ConvShape } from "../protocol.ts";
import type { Session } from "../session.ts";
import { type Row, throughput } from "./throughput.ts";

function shape(
  network: string,
  batch: number,
  [height, width, channels]: readonly [number, number, number],
  filters: number,
  kernel: number,
  { stride = 1, padding = (kernel - 1) / 2, groups = 1 } = {},
): ConvShape {
  const options = [`k${kernel}`, ...(stride > 1 ? [`s${stride}`] : []), ...(groups > 1 ? ["depthwise"] : [])];
  const name = `${network} ${height}x${width}x${channels} → ${filters} ${options.join(" ")}`;
  return { name, batch, height, width, channels, filters, kernel, stride, padding, groups };
}

const SHAPES: readonly ConvShape[] = [
  shape("LeNet 1", 32, [28, 28, 1], 6, 5),
  shape("LeNet 2", 32, [14, 14, 6], 16, 5, { padding: 0 }),
  shape("VGG-small 1", 32, [32, 32, 3], 32, 3),
  shape("VGG-small 2", 32, [32, 32, 32], 32, 3),
  shape("VGG-small 3", 32, [16, 16, 32], 64, 3),
  shape("VGG-small 4", 32, [16, 16, 64], 64, 3),
  shape("ResNet", 8, [56, 56, 64], 64, 3),
  shape("ResNet", 8, [56, 56, 64], 128, 3, { stride: 2 }),
  shape("ResNet", 32, [28, 28, 128], 128, 1),
  shape("AlexNet 1", 8, [224, 224, 3], 96, 11, { stride: 4, padding: 2 }),
  shape("AlexNet 2", 8, [27, 27, 96], 256, 5),
  shape("GoogLeNet 3a", 8, [28, 28, 16], 32, 5),
];
const DEPTHWISE: readonly ConvShape[] = [shape("MobileNet", 32, [56, 56, 128], 128, 3, { groups: 128 })];
/** Layers whose dy comes through ReLU and max pooling: the share of zeros, read off the training that `train` measures. */
const BEHIND_POOLING: readonly (readonly [ConvShape, number])[] = [
  [shape("LeNet 1", 32, [28, 28, 1], 6, 5), 0.8],
  [shape("LeNet 2", 32, [14, 14, 6], 16, 5, { padding: 0 }), 0.85],
  [shape("VGG-small 2", 32, [32, 32, 32], 32, 3), 0.91],
  [shape("VGG-small 4", 32, [16, 16, 64], 64, 3), 0.88],
];
const PASSES: readonly ConvPass[] = ["forward", "input", "kernel"];
const LIMITS = ["muladd128", "fused128"] as const;
const PEERS: readonly PeerName[] = ["PyTorch", "onnxruntime-node", "onnxruntime-web", "TensorFlow.js WASM"];

function outputPixels({ height, width, kernel, stride, padding }: ConvShape): number {
  const slide = (size: number) => Math.floor((size + 2 * padding - kernel) / stride) + 1;
  return slide(height) * slide(width);
}

const behindName = (conv: ConvShape, zeros: number) => `${conv.name}, ${Math.round(zeros * 100)} % zeros`;
const eachPass = (names: readonly string[], passes: readonly ConvPass[]) =>
  names.flatMap((name) => passes.map((pass) => `${name} ${pass}`));
export const conv2dRows = [
  ...eachPass(
    [...SHAPES, ...DEPTHWISE].map(({ name }) => name),
    PASSES,
  ),
  ...eachPass(BEHIND_POOLING.map(([conv, zeros]) => behindName(conv, zeros)), PASSES.slice(1)), // biome-ignore format: alike
];

/** Multiplications and additions of the direct convolution, whatever the kernel does to save some. */
function operations(conv: ConvShape): number {
  const { batch, filters, kernel, channels, groups } = conv;
  return 2 * batch * outputPixels(conv) * filters * kernel * kernel * (channels / groups);
}

/** What is read moves once, what is written twice (see limit.c). */
function bytes(conv: ConvShape, pass: ConvPass): number {
  const { batch, height, width, channels, filters } = conv;
  const [x, y] = [4 * batch * height * width * channels, 4 * batch * outputPixels(conv) * filters];
  return x + y + (pass === "forward" ? y : pass === "input" ? x : 0);
}

export async function conv2d(session: Session): Promise<void> {
  for (const threads of session.options.threads) {
    const rows = SHAPES.flatMap((conv) =>
      PASSES.map((pass): Row => {
        const work = operations(conv);
        const limits = LIMITS.map((name) => ({ name, work }));
        return { labels: [conv.name, pass], task: { kind: "conv2d", shape: conv, pass }, work, limits };
      }),
    );
    const behind = BEHIND_POOLING.flatMap(([conv, zeros]) =>
      PASSES.slice(1).map((pass): Row => {
        const work = operations(conv);
        const task = { kind: "conv2d", shape: conv, pass, zeros } as const;
        const labels = [behindName(conv, zeros), pass];
        return { labels, task, work, limits: LIMITS.map((name) => ({ name, work })) };
      }),
    );
    const common = { labels: ["layer", "pass"], threads, peers: PEERS };
    const suffix = `${threads} thread${threads === 1 ? "" : "s"}`;
    const limits = ["mul+add", "fused"];
    await throughput(session, { ...common, title: `conv2d, ${suffix}`, unit: "GFLOP/s", rows, limits });
    const zeros = `conv2d behind ReLU and max pooling, ${suffix}: zeros count as work`;
    await throughput(session, { ...common, title: zeros, unit: "GFLOP/s", rows: behind, limits });
    const light = DEPTHWISE.flatMap((conv) =>
      PASSES.map((pass): Row => {
        const work = bytes(conv, pass);
        const task = { kind: "conv2d", shape: conv, pass } as const;
        return { labels: [conv.name, pass], task, work, limits: [{ name: "copyDRAM", work }] };
      }),
    );
    const title = `depthwise conv2d, ${suffix}: reading once, writing once`;
    await throughput(session, { ...common, title, unit: "GB/s", rows: light, limits: ["DRAM copy"] });
  }
}
