/** Pooling. */
import fc from "fast-check";
import { type Geometry, geometries, windowOf } from "../support/arbitraries.ts";
import { batches, channels, operation } from "./operations.ts";

const pools = fc.record({
  geometry: fc.oneof(
    { weight: 3, arbitrary: geometries({ kernel: 3 }) },
    {
      weight: 1,
      arbitrary: fc.tuple(fc.integer({ min: 2, max: 7 }), fc.integer({ min: 2, max: 7 })).map(
        ([height, width]): Geometry => ({
          height,
          width,
          kernelSize: [2, 2],
          strides: [2, 2],
          dilationRate: [1, 1],
          padding: [0, 0, 0, 0],
        }),
      ),
    },
  ),
  batch: batches,
  channels,
});
export const pooling = [
  operation("maxPooling2dForward", pools, ({ geometry, batch, channels }) => {
    const window = windowOf(geometry);
    const y = window.outputShape(batch, channels);
    return {
      inputs: [window.inputShape(batch, channels)],
      outputs: [y, y],
      run: (k, y, switches, x) => k.maxPooling2dForward(y, switches, x, window),
    };
  }),
  operation("maxPooling2dForward without switches", pools, ({ geometry, batch, channels }) => {
    const window = windowOf(geometry);
    return {
      inputs: [window.inputShape(batch, channels)],
      outputs: [window.outputShape(batch, channels)],
      run: (k, y, x) => k.maxPooling2dForward(y, undefined, x, window),
    };
  }),
  operation("maxPooling2dBackward", pools, ({ geometry, batch, channels }) => {
    const window = windowOf(geometry);
    const y = window.outputShape(batch, channels);
    return {
      inputs: [y, y],
      outputs: [window.inputShape(batch, channels)],
      whole: { 1: window.rows.kernel * window.columns.kernel },
      anyZero: true,
      run: (k, dx, dy, switches) => k.maxPooling2dBackward(dx, dy, switches, window),
    };
  }),
  operation("maxUnpooling2dBackward", pools, ({ geometry, batch, channels }) => {
    const window = windowOf(geometry);
    const y = window.outputShape(batch, channels);
    return {
      inputs: [window.inputShape(batch, channels), y],
      outputs: [y],
      whole: { 1: window.rows.kernel * window.columns.kernel },
      run: (k, dx, dy, switches) => k.maxUnpooling2dBackward(dx, dy, switches, window),
    };
  }),
  operation("averagePooling2dForward", pools, ({ geometry, batch, channels }) => {
    const window = windowOf(geometry);
    return {
      inputs: [window.inputShape(batch, channels)],
      outputs: [window.outputShape(batch, channels)],
      run: (k, y, x) => k.averagePooling2dForward(y, x, window),
    };
  }),
  operation("averagePooling2dBackward", pools, ({ geometry, batch, channels }) => {
    const window = windowOf(geometry);
    return {
      inputs: [window.outputShape(batch, channels)],
      outputs: [window.inputShape(batch, channels)],
      run: (k, dx, dy) => k.averagePooling2dBackward(dx, dy, window),
    };
  }),
];
