import {
  adjointness,
  agreement,
  averagePooling2D,
  batchInvariance,
  circularEquivariance,
  conv1dCases,
  conv2D,
  conv2dCases,
  conv2dTransposeCases,
  denseCases,
  depthwiseCases,
  imageShapes,
  linearity,
  maxPooling2D,
  outputSize,
  pooling1dCases,
  poolingCases,
  poolingInvariance,
  sameKeepsSize,
  separableCases,
  sizeFormulas,
  strideIsDownSampling,
  subsamplingCases,
  tableCases,
  translationEquivariance,
} from "../../src/laws/index.ts";
import { AveragePooling1D, MaxPooling1D, ReLU } from "../../src/layers/index.ts";
import { reference32, reference64, wasm } from "../support/kernels.ts";
import { obeys } from "./support.ts";

for (const kernels of [reference64, wasm]) {
  const on = { kernels };
  const max = poolingCases(maxPooling2D);
  const average = poolingCases(averagePooling2D);
  const max1D = pooling1dCases((options) => new MaxPooling1D(options));
  const average1D = pooling1dCases((options) => new AveragePooling1D(options));
  for (const [about, cases] of [
    ["Conv2D", conv2dCases()],
    ["Conv2DTranspose", conv2dTransposeCases()],
    ["Conv1D", conv1dCases()],
    ["Subsampling2D", subsamplingCases()],
    ["AveragePooling1D", average1D],
    ["DepthwiseConv2D", depthwiseCases()],
    ["SeparableConv2D", separableCases()],
    ["TableConv2D", tableCases()],
    ["AveragePooling2D", average],
    ["Dense", denseCases()],
  ] as const) {
    obeys(linearity(cases, undefined, on), `${about}, ${kernels.name}`);
    obeys(adjointness(cases, undefined, on), `${about}, ${kernels.name}`);
  }
  for (const [about, cases] of [
    ["Conv2D", conv2dCases({ activation: "relu" })],
    ["Conv1D", conv1dCases({ activation: "relu" })],
    ["Subsampling2D", subsamplingCases({ activation: "relu" })],
    ["MaxPooling1D", max1D],
    ["AveragePooling1D", average1D],
    ["DepthwiseConv2D", depthwiseCases({ activation: "relu" })],
    ["SeparableConv2D", separableCases({ activation: "relu" })],
    ["TableConv2D", tableCases({ activation: "relu" })],
    ["MaxPooling2D", max],
    ["AveragePooling2D", average],
  ] as const) {
    obeys(translationEquivariance(cases, undefined, on), `${about}, ${kernels.name}`);
    obeys(outputSize(cases, undefined, on), `${about}, ${kernels.name}`);
    obeys(batchInvariance(cases, undefined, on), `${about}, ${kernels.name}`);
  }
  for (const [about, cases] of [
    ["Conv2D", conv2dCases({ activation: "relu", padding: "valid" })],
    ["MaxPooling2D", poolingCases(maxPooling2D, { padding: "valid" })],
    ["AveragePooling2D", poolingCases(averagePooling2D, { padding: "valid" })],
  ] as const) {
    obeys(circularEquivariance(cases, undefined, on), `${about}, ${kernels.name}`);
  }
  obeys(
    translationEquivariance(() => new ReLU(), imageShapes(), on),
    `ReLU, ${kernels.name}`,
  );
  obeys(
    poolingInvariance((poolSize) => maxPooling2D({ poolSize }), on),
    `MaxPooling2D, ${kernels.name}`,
  );
  obeys(
    poolingInvariance((poolSize) => averagePooling2D({ poolSize }), on),
    `AveragePooling2D, ${kernels.name}`,
  );
  obeys(
    strideIsDownSampling((options) => conv2D({ filters: 2, ...options }), on),
    `Conv2D, ${kernels.name}`,
  );
  for (const [about, make] of [
    ["MaxPooling2D", maxPooling2D],
    ["AveragePooling2D", averagePooling2D],
  ] as const) {
    obeys(
      strideIsDownSampling(({ kernelSize: poolSize, ...rest }) => make({ poolSize, ...rest }), on),
      `${about}, ${kernels.name}`,
    );
  }
}
obeys(
  sizeFormulas((options) => conv2D({ filters: 1, ...options })),
  "Conv2D",
);
obeys(
  sameKeepsSize((options) => conv2D({ filters: 1, ...options })),
  "Conv2D",
);
obeys(
  sameKeepsSize(({ kernelSize: poolSize, ...options }) => maxPooling2D({ poolSize, ...options })),
  "MaxPooling2D",
);
obeys(agreement([wasm, reference32], conv2dCases({ activation: "relu" })), "Conv2D");
obeys(agreement([wasm, reference32], conv2dTransposeCases({ activation: "relu" })), "Conv2DTranspose");
obeys(agreement([wasm, reference32], depthwiseCases({ activation: "relu" })), "DepthwiseConv2D");
obeys(agreement([wasm, reference32], separableCases({ activation: "relu" })), "SeparableConv2D");
obeys(agreement([wasm, reference32], tableCases({ activation: "relu" })), "TableConv2D");
obeys(agreement([wasm, reference32], poolingCases(maxPooling2D)), "MaxPooling2D");
obeys(agreement([wasm, reference32], poolingCases(averagePooling2D)), "AveragePooling2D");
obeys(agreement([wasm, reference32], denseCases()), "Dense");
