import type { DensePass } from "../protocol.ts";
import type { Session } from "../session.ts";
import { type Row, throughput } from "./throughput.ts";

const SHAPES: readonly { name: string; batch: number; inputs: number; units: number }[] = [
  { name: "LeNet 1", batch: 32, inputs: 400, units: 120 },
  { name: "LeNet 2", batch: 32, inputs: 120, units: 84 },
  { name: "LeNet 3", batch: 32, inputs: 84, units: 10 },
  { name: "VGG-small 1", batch: 32, inputs: 4096, units: 128 },
  { name: "AlexNet 2", batch: 32, inputs: 4096, units: 4096 },
  { name: "AlexNet 2", batch: 1, inputs: 4096, units: 4096 },
  { name: "square", batch: 1024, inputs: 1024, units: 1024 },
];
const PASSES: readonly DensePass[] = ["forward", "input", "kernel"];
type Shape = (typeof SHAPES)[number];
const nameOf = ({ name, batch, inputs, units }: Shape) => `${name} ${batch} × ${inputs} → ${units}`;
export const denseRows = SHAPES.flatMap((shape) => PASSES.map((pass) => `${nameOf(shape)} ${pass}`));
/** Weights larger than this come from DRAM in every call, smaller ones from a cache. */
const CACHE = 16 << 20;

export async function dense(session: Session): Promise<void> {
  for (const threads of session.options.threads) {
    const rows = SHAPES.flatMap((shape) =>
      PASSES.map((pass): Row => {
        const { batch, inputs, units } = shape;
        const work = 2 * batch * inputs * units;
        const [x, kernel, y] = [4 * batch * inputs, 4 * inputs * units, 4 * batch * units];
        const bytes = x + kernel + y + { forward: y, input: x, kernel }[pass]; // what is written moves twice
        return {
          labels: [nameOf(shape), pass],
          task: { kind: "dense", batch, inputs, units, pass },
          work,
          limits: [
            { name: "muladd128", work },
            { name: "fused128", work },
            { name: bytes > CACHE ? "copyDRAM" : "copyL2", work: bytes },
          ],
        };
      }),
    );
    await throughput(session, {
      title: `dense, ${threads} thread${threads === 1 ? "" : "s"}: the larger share says what bounds it`,
      labels: ["layer", "pass"],
      unit: "GFLOP/s",
      threads,
      rows,
      limits: ["mul+add", "fused", "memory"],
      peers: ["PyTorch", "TensorFlow.js WASM"],
    });
  }
}
