/** This library as a contestant: node ours-child.js THREADS [relaxed]. The bench bundles it, as users would. */
import { ARCHITECTURES } from "../src/cli/architectures.ts";
import { analyze, SGD, SparseCategoricalCrossentropy, tensor, Window, wasmKernels } from "../src/index.ts";
import { readData } from "./networks.ts";
import { ELEMENTS, operations } from "./operations.ts";
import { buildNetwork, filled } from "./ours.ts";
import { Cannot, type Prepared, peakBytes, serve, type Task } from "./protocol.ts";

const [, , threads, build] = process.argv;
const kernels = wasmKernels({ threads: Number(threads), relaxed: build === "relaxed" });
const LINEAR = { name: "linear", alpha: 0 } as const;

function conv2d({ shape, pass, zeros = 0 }: Extract<Task, { kind: "conv2d" }>): Prepared {
  const { batch, height, width, channels, filters, kernel: size, stride, padding, groups } = shape;
  const window = Window.over("bench", height, width, { kernelSize: size, strides: stride, padding });
  const x = filled(kernels, window.inputShape(batch, channels));
  const kernel = filled(kernels, [size, size, channels / groups, filters]);
  const y = filled(kernels, window.outputShape(batch, filters), zeros);
  const bias = filled(kernels, [filters]);
  if (pass === "forward") return { call: () => kernels.conv2dForward(y, x, kernel, bias, window, LINEAR) };
  if (pass === "input") return { call: () => kernels.conv2dBackwardInput(x, y, kernel, window) };
  return { call: () => kernels.conv2dBackwardKernel(kernel, x, y, window) };
}

function dense({ batch, inputs, units, pass }: Extract<Task, { kind: "dense" }>): Prepared {
  const [x, kernel, y] = [
    [batch, inputs],
    [inputs, units],
    [batch, units],
  ].map((shape) => filled(kernels, shape));
  const bias = filled(kernels, [units]);
  if (pass === "forward") return { call: () => kernels.denseForward(y, x, kernel, bias, LINEAR) };
  if (pass === "input") return { call: () => kernels.denseBackwardInput(x, y, kernel) };
  return { call: () => kernels.denseBackwardKernel(kernel, x, y) };
}

function elementwise({ operation: name, size }: Extract<Task, { kind: "elementwise" }>): Prepared {
  const operation = operations[name];
  if (!operation) throw new Cannot(`there is no operation ${name}`);
  return { call: operation.ready(kernels, ELEMENTS[size]), details: { work: operation.bytes * ELEMENTS[size] } };
}

/** The next step of training with each call. */
function trainer({ network, batch, batches, file }: Extract<Task, { kind: "train" | "firstStep" }>) {
  const data = readData(file, network, batch * batches);
  const model = buildNetwork(network, data);
  const loss = new SparseCategoricalCrossentropy({ fromLogits: true });
  model.compile({ optimizer: new SGD({ learningRate: 0.01, momentum: 0.9 }), loss, kernels });
  const pixels = data.images.length / (batch * batches);
  const xs = Array.from({ length: batches }, (_, b) =>
    tensor(data.images.subarray(b * batch * pixels, (b + 1) * batch * pixels), [batch, ...network.input]),
  );
  const ys = Array.from({ length: batches }, (_, b) => tensor(data.labels.subarray(b * batch, (b + 1) * batch)));
  let step = 0;
  const next = async () => {
    const b = step++ % batches;
    return (await model.trainOnBatch(xs[b], ys[b])).loss;
  };
  return { model, next };
}

async function train(task: Extract<Task, { kind: "train" }>): Promise<Prepared> {
  const { model, next } = trainer(task);
  const check = [await next(), await next(), await next()];
  for (let n = 0; n < 20; n++) await next();
  const details = { work: task.batch, check, ...model.memory, peakBytes: peakBytes() };
  return { call: next, asynchronous: true, details };
}

async function firstStep(task: Extract<Task, { kind: "firstStep" }>): Promise<Prepared> {
  const { next } = trainer(task);
  const check = [await next()];
  return { call: next, asynchronous: true, details: { work: task.batch, check, peakBytes: peakBytes() } };
}

async function inference({ network, batch, file }: Extract<Task, { kind: "inference" }>): Promise<Prepared> {
  const data = readData(file, network, batch);
  const model = buildNetwork(network, data);
  model.compile({ optimizer: "sgd", loss: new SparseCategoricalCrossentropy({ fromLogits: true }), kernels });
  const x = tensor(data.images, [batch, ...network.input]);
  const call = () => model.predict(x, { batchSize: batch });
  const check = [...(await call()).data.slice(0, 8)];
  return { call, asynchronous: true, details: { work: batch, check, peakBytes: peakBytes() } };
}

/** Memory is that of the step which is measured: what inference needs is not what training needs. */
async function named({ network, step, batch }: Extract<Task, { kind: "named" }>): Promise<Prepared> {
  const model = ARCHITECTURES[network]();
  const { parameters, multiplyAdds } = analyze(model).totals;
  const loss = new SparseCategoricalCrossentropy();
  model.compile({ optimizer: new SGD({ learningRate: 0.001, momentum: 0.9 }), loss, kernels });
  const x = filled(kernels, [batch, ...model.inputShape]);
  const places = model.outputShape.slice(0, -1); // a class for the image, or for every pixel of it
  const y = tensor(new Float32Array(batch * places.reduce((a, b) => a * b, 1)), [batch, ...places]);
  const call = () => (step === "train" ? model.trainOnBatch(x, y) : model.predict(x, { batchSize: batch }));
  await call();
  const details = { work: batch, parameters, multiplyAdds, ...model.memory, peakBytes: peakBytes() };
  return { call, asynchronous: true, details };
}

await serve((task) => {
  if (task.kind === "conv2d") return conv2d(task);
  if (task.kind === "dense") return dense(task);
  if (task.kind === "elementwise") return elementwise(task);
  if (task.kind === "train") return train(task);
  if (task.kind === "firstStep") return firstStep(task);
  if (task.kind === "named") return named(task);
  return inference(task);
});
