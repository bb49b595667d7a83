import {
  averagePooling2D,
  Chain,
  conv1dCases,
  conv2dCases,
  conv2dTransposeCases,
  countsAreThere,
  denseCases,
  denseExplodes,
  depthwiseCases,
  fieldArithmetic,
  maxPooling2D,
  networkCases,
  parametersAreShared,
  poolingCases,
  receptiveFieldIsSeen,
  separableCases,
  separableCountsBothHalves,
  smallFilters,
  subsamplingCases,
  tableCases,
} from "../../src/laws/index.ts";
import { Dense, Flatten } from "../../src/layers/index.ts";
import { reference64, wasm } from "../support/kernels.ts";
import { obeys } from "./support.ts";

for (const kernels of [reference64, wasm]) {
  const on = { kernels };
  obeys(countsAreThere(conv2dCases({ output: 3 }), undefined, on), `Conv2D, ${kernels.name}`);
  obeys(countsAreThere(conv2dTransposeCases(), undefined, on), `Conv2DTranspose, ${kernels.name}`, { numRuns: 30 });
  obeys(countsAreThere(conv1dCases(), undefined, on), `Conv1D, ${kernels.name}`, { numRuns: 30 });
  obeys(countsAreThere(depthwiseCases(), undefined, on), `DepthwiseConv2D, ${kernels.name}`, { numRuns: 30 });
  obeys(countsAreThere(denseCases(), undefined, on), `Dense, ${kernels.name}`);
}
obeys(receptiveFieldIsSeen(networkCases()), "networks of Conv2D, ReLU and MaxPooling2D");
obeys(receptiveFieldIsSeen(conv2dCases()), "Conv2D");
obeys(receptiveFieldIsSeen(conv2dTransposeCases({ activation: "relu" })), "Conv2DTranspose");
obeys(receptiveFieldIsSeen(conv1dCases({ activation: "relu" })), "Conv1D");
obeys(receptiveFieldIsSeen(subsamplingCases({ activation: "relu" })), "Subsampling2D");
obeys(receptiveFieldIsSeen(depthwiseCases({ activation: "relu" })), "DepthwiseConv2D");
obeys(receptiveFieldIsSeen(separableCases({ activation: "relu" })), "SeparableConv2D");
obeys(receptiveFieldIsSeen(tableCases({ activation: "relu" })), "TableConv2D");
obeys(receptiveFieldIsSeen(poolingCases(maxPooling2D)), "MaxPooling2D");
obeys(receptiveFieldIsSeen(poolingCases(averagePooling2D)), "AveragePooling2D");
obeys(fieldArithmetic(networkCases()), "networks of Conv2D and MaxPooling2D");
obeys(separableCountsBothHalves());
obeys(smallFilters());
obeys(parametersAreShared());
obeys(denseExplodes((units) => new Chain([new Flatten(), new Dense({ units })])));
