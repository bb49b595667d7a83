/** TensorFlow.js on its WASM backend as a contestant; with its missing kernels it can train (tfjs-kernels.js). */

import { fileURLToPath } from "node:url";
import { setThreadsCount, setWasmPaths } from "@tensorflow/tfjs-backend-wasm";
import * as tf from "@tensorflow/tfjs-core";
import "@tensorflow/tfjs-core/dist/register_all_gradients.js";
import { readData } from "../networks.ts";
import { Cannot, peakBytes, serve } from "../protocol.ts";
import "./tfjs-kernels.js";

setWasmPaths(fileURLToPath(new URL("../@tensorflow/tfjs-backend-wasm/dist/", import.meta.url))); // seen from the bundle
setThreadsCount(1); // the backend has no threads in Node, whatever is asked for
await tf.setBackend("wasm");
await tf.ready();

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
