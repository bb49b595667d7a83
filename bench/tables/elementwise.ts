import { ELEMENTS, operations } from "../operations.ts";
import type { Session } from "../session.ts";
import { type Row, throughput } from "./throughput.ts";

export const elementwiseRows = Object.keys(operations);

export async function elementwise(session: Session): Promise<void> {
  for (const threads of session.options.threads) {
    for (const size of ["L2", "DRAM"] as const) {
      const rows = Object.entries(operations).map(([name, { bytes, arithmetic }]): Row => {
        const work = bytes * ELEMENTS[size];
        const limits = [
          { name: size === "L2" ? "copyL2" : "copyDRAM", work },
          { name: "muladd128", work: arithmetic * ELEMENTS[size] },
        ] as const;
        return { labels: [name], task: { kind: "elementwise", operation: name, size }, work, limits };
      });
      await throughput(session, {
        title: `elementwise, ${threads} thread${threads === 1 ? "" : "s"}, in ${size}: what is written moves twice; the larger share says what bounds it`,
        labels: ["operation"],
        unit: "GB/s",
        threads,
        rows,
        limits: [`${size} copy`, "arithmetic (about)"],
        peers: [],
      });
    }
  }
}
