/**
 * TensorFlow.js on its WASM backend as a contestant. As released it cannot train a CNN: the backend has no kernel for the
 * gradient of a convolution's filter. Here it is supplied from outside, out of operations that the backend has.
 */

import { fileURLToPath } from "node:url";
import { setThreadsCount, setWasmPaths } from "@tensorflow/tfjs-backend-wasm";
import * as tf from "@tensorflow/tfjs-core";
import "@tensorflow/tfjs-core/dist/register_all_gradients.js";
import { readData } from "../networks.ts";
import { Cannot, peakBytes, serve } from "../protocol.ts";

setWasmPaths(fileURLToPath(new URL("../@tensorflow/tfjs-backend-wasm/dist/", import.meta.url))); // seen from the bundle
setThreadsCount(1); // the backend has no threads in Node, whatever is asked for
await tf.setBackend("wasm");
await tf.ready();

/** Two ways to the filter's gradient; which one is faster is tried once for each shape. */
const ways = [
  /** x and dy with batch and channels exchanged: one convolution with kernels as large as the output. */
  function asConvolution(x, dy, { strideHeight, strideWidth, filterHeight, filterWidth, inChannels, outChannels }) {
    const images = tf.transpose(x, [3, 1, 2, 0]);
    const kernels = tf.transpose(dy, [1, 2, 0, 3]);
    const all = tf.conv2d(images, kernels, 1, "valid", "NHWC", [strideHeight, strideWidth]);
    const used = tf.slice(all, [0, 0, 0, 0], [inChannels, filterHeight, filterWidth, outChannels]);
    return tf.transpose(used, [1, 2, 0, 3]);
  },
  /** One matrix product for each cell of the kernel. */
  function asProducts(x, dy, info) {
    const { batchSize, strideHeight, strideWidth, filterHeight, filterWidth, inChannels, outChannels } = info;
    const { outHeight, outWidth } = info;
    const pixels = batchSize * outHeight * outWidth;
    const gradient = tf.reshape(dy, [pixels, outChannels]);
    const cells = [];
    for (let p = 0; p < filterHeight; p++) {
      for (let q = 0; q < filterWidth; q++) {
        const end = [
          batchSize,
          p + (outHeight - 1) * strideHeight + 1,
          q + (outWidth - 1) * strideWidth + 1,
          inChannels,
        ];
        const seen = tf.stridedSlice(x, [0, p, q, 0], end, [1, strideHeight, strideWidth, 1]);
        cells.push(tf.matMul(tf.reshape(seen, [pixels, inChannels]), gradient, true));
      }
    }
    return tf.reshape(tf.concat(cells), [filterHeight, filterWidth, inChannels, outChannels]);
  },
];
const chosen = new Map();

tf.registerKernel({
  kernelName: "Conv2DBackpropFilter",
  backendName: "wasm",
  kernelFunc({ inputs: { x, dy }, attrs: { strides, pad, dimRoundingMode, filterShape } }) {
    const info = tf.backend_util.computeConv2DInfo(x.shape, filterShape, strides, 1, pad, dimRoundingMode);
    const { top, bottom, left, right } = info.padInfo;
    const gradient = (way) =>
      tf.tidy(() => {
        const padded =
          top + bottom + left + right > 0
            ? tf.pad(x, [
                [0, 0],
                [top, bottom],
                [left, right],
                [0, 0],
              ])
            : x;
        return way(padded, dy, info);
      });
    const key = `${x.shape} ${filterShape} ${strides} ${pad}`;
    if (!chosen.has(key)) {
      const times = ways.map((way) => Math.min(...[0, 1, 2].map(() => timed(() => gradient(way).dispose()))));
      chosen.set(key, ways[times.indexOf(Math.min(...times))]);
    }
    return gradient(chosen.get(key));
  },
});

function timed(body) {
  const begin = performance.now();
  body();
  return performance.now() - begin;
}

/** A call whose tensors are all given back. */
function tidy(body) {
  return () => {
    tf.tidy(() => {
      body();
    });
  };
}

function conv2d({ shape, pass }) {
  const { batch, height, width, channels, filters, kernel, stride, padding, groups } = shape;
  const x = tf.randomUniform([batch, height, width, channels]);
  if (groups > 1) {
    if (pass !== "forward") throw new Cannot("its WASM backend has no gradients of a depthwise convolution");
    const depthwise = tf.randomUniform([kernel, kernel, channels, 1]);
    return { call: tidy(() => tf.depthwiseConv2d(x, depthwise, stride, padding, "NHWC", 1, "floor")) };
  }
  const filter = tf.randomUniform([kernel, kernel, channels, filters]);
  const bias = tf.zeros([filters]);
  const options = { x, filter, bias, strides: stride, pad: padding, dimRoundingMode: "floor" };
  if (pass === "forward") return { call: tidy(() => tf.fused.conv2d(options)) };
  const dy = tf.onesLike(tf.fused.conv2d(options));
  const attributes = { strides: stride, pad: padding, dataFormat: "NHWC", dimRoundingMode: "floor" };
  const run = (name, inputs, more) => tidy(() => tf.engine().runKernel(name, inputs, { ...attributes, ...more }));
  if (pass === "input") return { call: run("Conv2DBackpropInput", { dy, filter }, { inputShape: x.shape }) };
  return { call: run("Conv2DBackpropFilter", { x, dy }, { filterShape: filter.shape }) };
}

function dense({ batch, inputs, units, pass }) {
  const [x, w, dy] = [
    [batch, inputs],
    [inputs, units],
    [batch, units],
  ].map((shape) => tf.randomUniform(shape));
  const bias = tf.zeros([units]);
  if (pass === "forward") return { call: tidy(() => tf.fused.matMul({ a: x, b: w, bias })) };
  if (pass === "input") return { call: tidy(() => tf.matMul(dy, w, false, true)) };
  return { call: tidy(() => tf.matMul(x, dy, true)) };
}

function forward(layers, x, next) {
  let y = x;
  for (const layer of layers) {
    if (layer.type === "conv") {
      const [filter, bias] = [next(), next()];
      const activation = layer.relu ? "relu" : "linear";
      const geometry = { strides: layer.stride, pad: layer.padding, dimRoundingMode: "floor" };
      y = tf.fused.conv2d({ x: y, filter, bias, activation, ...geometry });
    } else if (layer.type === "dense") {
      y = tf.fused.matMul({ a: y, b: next(), bias: next(), activation: layer.relu ? "relu" : "linear" });
    } else if (layer.type === "maxPool") y = tf.maxPool(y, layer.size, layer.stride, layer.padding, "floor");
    else if (layer.type === "globalAverage") y = tf.mean(y, [1, 2], true);
    else if (layer.type === "flatten") y = tf.reshape(y, [y.shape[0], -1]);
    else if (layer.type === "dropout") y = tf.dropout(y, layer.rate);
    else if (layer.type === "residual") {
      const body = forward(layer.body, y, next);
      y = tf.relu(tf.add(body, forward(layer.shortcut, y, next)));
    }
  }
  return y;
}

function inOrder(weights) {
  let at = 0;
  return () => weights[at++];
}

function trainer({ network, batch, batches, file }) {
  const data = readData(file, network, batch * batches);
  const weights = data.weights.map(({ shape, data }) => tf.variable(tf.tensor(data, shape)));
  const xs = tf.split(tf.tensor(data.images, [batch * batches, ...network.input]), batches);
  const ys = tf.split(tf.cast(tf.oneHot(tf.tensor1d(Int32Array.from(data.labels), "int32"), 10), "float32"), batches);
  const optimizer = tf.train.momentum(0.01, 0.9);
  let step = 0;
  return (returnCost) => {
    const index = step++ % batches;
    return tf.tidy(() => {
      const logits = () => forward(network.layers, xs[index], inOrder(weights));
      const loss = () => tf.losses.softmaxCrossEntropy(ys[index], logits());
      return optimizer.minimize(loss, returnCost, weights)?.dataSync()[0];
    });
  };
}

function train(task) {
  const next = trainer(task);
  const check = [next(true), next(true), next(true)];
  for (let n = 0; n < 10; n++) next();
  return { call: () => next(), details: { work: task.batch, check, peakBytes: peakBytes() } };
}

function firstStep(task) {
  const next = trainer(task);
  const check = [next(true)];
  return { call: () => next(), details: { work: task.batch, check, peakBytes: peakBytes() } };
}

function inference({ network, batch, file }) {
  const data = readData(file, network, batch);
  const weights = data.weights.map(({ shape, data }) => tf.tensor(data, shape));
  const x = tf.tensor(data.images, [batch, ...network.input]);
  const call = () => tf.tidy(() => forward(network.layers, x, inOrder(weights)).dataSync());
  return { call, details: { work: batch, check: [...call().slice(0, 8)], peakBytes: peakBytes() } };
}

const tasks = { conv2d, dense, train, firstStep, inference };
await serve((task) => {
  tf.disposeVariables();
  if (!tasks[task.kind]) throw new Cannot("not written for TensorFlow.js");
  return tasks[task.kind](task);
});
