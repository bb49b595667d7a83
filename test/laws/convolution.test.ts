import {
  barsPreferTheirOwn,
  causalSeesThePast,
  centreSurroundSeesSpots,
  commutativity,
  composition,
  conv2D,
  conv2DTranspose,
  conv2dCases,
  convolutionFormula,
  correlationCommutes,
  depthwiseIsGrouped,
  dilationIsZeros,
  filterFindsItself,
  flipTies,
  gaborPrefersItsOrientation,
  groupsAreSlices,
  integralIsLimit,
  layersAreAdjoint,
  mapsAreStacked,
  orientedFilters,
  pointwiseIsDense,
  refuted,
  responseIsCorrelation,
  separableIsComposition,
  separableIsConvolution,
  sequenceIsRow,
  sharedWeights,
  sobelMeasuresSlopes,
  tableIsSparse,
  toeplitz,
  transposedIsAdjoint,
  transposedIsConvolution,
  transposedSizes,
  transposition,
} from "../../src/laws/index.ts";
import { Dense } from "../../src/layers/index.ts";
import { reference64, wasm } from "../support/kernels.ts";
import { obeys } from "./support.ts";

for (const kernels of [reference64, wasm]) {
  const on = { kernels };
  const { name } = kernels;
  obeys(flipTies(conv2D, on), name);
  obeys(commutativity(conv2D, on), name);
  obeys(integralIsLimit(conv2D, on), name);
  obeys(convolutionFormula(conv2D, on), name);
  obeys(mapsAreStacked(conv2D, on), name);
  obeys(transposition(conv2D, on), name);
  obeys(sharedWeights(conv2D, on), name);
  obeys(composition(conv2D, on), name);
  obeys(toeplitz(conv2dCases(), undefined, on), name);
  obeys(groupsAreSlices(conv2D, on), name);
  obeys(dilationIsZeros(conv2D, on), name);
  obeys(
    pointwiseIsDense(conv2D, (units) => new Dense({ units }), on),
    name,
  );
  obeys(depthwiseIsGrouped(undefined, conv2D, on), `DepthwiseConv2D, ${name}`);
  obeys(separableIsComposition(undefined, undefined, conv2D, on), `SeparableConv2D, ${name}`);
  obeys(separableIsConvolution(undefined, conv2D, on), `SeparableConv2D, ${name}`);
  obeys(tableIsSparse(undefined, conv2D, on), `TableConv2D, ${name}`);
  obeys(sequenceIsRow(undefined, conv2D, on), `Conv1D, ${name}`);
  obeys(causalSeesThePast(undefined, on), `Conv1D, ${name}`);
  obeys(sobelMeasuresSlopes(on), name);
  obeys(centreSurroundSeesSpots(undefined, on), name);
  obeys(gaborPrefersItsOrientation(undefined, on), name);
  obeys(responseIsCorrelation(conv2D, on), name);
  obeys(filterFindsItself(conv2D, on), name);
  obeys(orientedFilters(conv2D, on), name);
  obeys(barsPreferTheirOwn(conv2D, on), name);
  obeys(transposedIsAdjoint(on), name);
  obeys(transposedIsConvolution(on), name);
  obeys(layersAreAdjoint(conv2D, conv2DTranspose, on), `Conv2DTranspose, ${name}`);
}
obeys(transposedSizes(), "Conv2DTranspose");
obeys(refuted(["B1"], "cross-correlation does not commute", correlationCommutes()), "", { numRuns: 5 });
obeys(
  refuted(["B7"], "with a ReLU between them two convolutions are not one", composition(conv2D, { activation: "relu" })),
  "",
  { numRuns: 5 },
);
