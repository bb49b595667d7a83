/** onnxruntime as a contestant: onnxruntime.js THREADS onnxruntime-node|onnxruntime-web. It runs networks, but trains none. */
import { readData } from "../networks.ts";
import { Cannot, peakBytes, serve } from "../protocol.ts";
import { Graph, onnxModel, permuted } from "./onnx.ts";

const [, , count, name] = process.argv;
const threads = Number(count);
const imported = await import(name);
const ort = imported.InferenceSession ? imported : imported.default;
if (name === "onnxruntime-web") ort.env.wasm.numThreads = threads;

async function session(model) {
  const options = { intraOpNumThreads: threads, interOpNumThreads: 1, graphOptimizationLevel: "all" };
  const provider = name === "onnxruntime-web" ? "wasm" : "cpu";
  return ort.InferenceSession.create(model, { ...options, executionProviders: [provider], logSeverityLevel: 3 });
}

async function conv2d({ shape, pass }) {
  if (pass !== "forward") throw new Cannot("inference only");
  const { batch, height, width, channels, filters, kernel, stride, padding, groups } = shape;
  const slide = (size) => Math.floor((size + 2 * padding - kernel) / stride) + 1;
  const graph = new Graph();
  const numbers = (length) => Float32Array.from({ length }, () => Math.random());
  const weightShape = [filters, channels / groups, kernel, kernel];
  const w = graph.initializer(weightShape, numbers(weightShape.reduce((a, b) => a * b)));
  const b = graph.initializer([filters], numbers(filters));
  const geometry = { kernel_shape: [kernel, kernel], strides: [stride, stride], pads: Array(4).fill(padding) };
  const y = graph.node("Conv", ["x", w, b], { ...geometry, group: groups });
  const inputShape = [batch, channels, height, width];
  const runner = await session(graph.model(inputShape, y, [batch, filters, slide(height), slide(width)]));
  const x = new ort.Tensor("float32", numbers(inputShape.reduce((a, b) => a * b)), inputShape);
  return { call: () => runner.run({ x }), asynchronous: true };
}

async function inference({ network, batch, file }) {
  const data = readData(file, network, batch);
  const runner = await session(onnxModel(network, data, batch));
  const images = permuted({ shape: [batch, ...network.input], data: data.images }, [0, 3, 1, 2]);
  const x = new ort.Tensor("float32", images.data, images.shape);
  const call = () => runner.run({ x });
  const [output] = Object.values(await call());
  const check = [...output.data.slice(0, 8)];
  return { call, asynchronous: true, details: { work: batch, check, peakBytes: peakBytes() } };
}

const tasks = { conv2d, inference };
await serve((task) => {
  if (!tasks[task.kind]) throw new Cannot("inference only");
  return tasks[task.kind](task);
});
