/** y[columns] += Σ x[input] · w[input][columns]: the dense layer with one row, which is a matter of reading w. */
import { randomIntegers } from "../place.ts";
import type { Case } from "./group.ts";

function row(inputs: number, columns: number, limit: "copyL2" | "copyDRAM"): Case {
  const megabytes = Math.round((inputs * columns * 4) / 1e6);
  return {
    name: `${inputs} inputs, ${columns} columns, ${megabytes} MB`,
    unit: "GB/s",
    work: 4 * inputs * columns,
    limits: [limit],
    ready(place) {
      const x = place.floats(randomIntegers(inputs, 1));
      const w = place.floats(randomIntegers(inputs * columns, 1));
      const y = place.floats(new Float32Array(columns));
      const expected = new Float32Array(columns);
      for (let input = 0; input < inputs; input++) {
        for (let c = 0; c < columns; c++) expected[c] += x.data[input] * w.data[input * columns + c];
      }
      const attach: ReturnType<Case["ready"]>["attach"] = ({ row }) => ({
        call: () => {
          y.data.fill(0);
          row(x.at, inputs, w.at, columns, y.at);
        },
        result: y.data,
      });
      return { expected, attach };
    },
  };
}

export const rows: readonly Case[] = [row(400, 120, "copyL2"), row(4096, 4096, "copyDRAM")];
