/** ConvNetJS as a contestant. It knows no batches: one call is one image, and every 32nd updates the weights. */
import convnetjs from "convnetjs";
import { readData } from "../networks.ts";
import { Cannot, peakBytes, serve } from "../protocol.ts";

/** ConvNetJS' description of a network. Dropout belongs to the layer before it. */
function definitions({ input: [height, width, channels], layers }) {
  const result = [{ type: "input", out_sx: width, out_sy: height, out_depth: channels }];
  for (const layer of layers) {
    const activation = layer.relu ? { activation: "relu" } : {};
    if (layer.type === "conv") {
      const { kernel: sx, filters, stride, padding: pad } = layer;
      result.push({ type: "conv", sx, filters, stride, pad, ...activation });
    } else if (layer.type === "dense") result.push({ type: "fc", num_neurons: layer.units, ...activation });
    else if (layer.type === "maxPool") result.push({ type: "pool", sx: layer.size, stride: layer.stride });
    else if (layer.type === "dropout") result.at(-1).drop_prob = layer.rate;
    else if (layer.type !== "flatten") throw new Cannot(`it has no ${layer.type}`);
  }
  // Softmax brings the fully connected layer with the logits along.
  result.splice(-1, 1, { type: "softmax", num_classes: result.at(-1).num_neurons });
  return result;
}

/** The network with the weights of the file: ConvNetJS keeps one volume [height, width, channels] for each filter. */
function build({ network, file }, count) {
  const data = readData(file, network, count);
  const net = new convnetjs.Net();
  net.makeLayers(definitions(network));
  const weighted = net.layers.filter(({ filters }) => filters);
  for (const [index, { filters, biases }] of weighted.entries()) {
    const [kernel, bias] = data.weights.slice(2 * index, 2 * index + 2);
    for (const [f, volume] of filters.entries()) {
      for (let e = 0; e < volume.w.length; e++) volume.w[e] = kernel.data[e * filters.length + f];
      biases.w[f] = bias.data[f];
    }
  }
  const [height, width, channels] = network.input;
  const pixels = height * width * channels;
  const volumes = Array.from({ length: count }, (_, n) => {
    const volume = new convnetjs.Vol(width, height, channels, 0);
    volume.w.set(data.images.subarray(n * pixels, (n + 1) * pixels));
    return volume;
  });
  return { net, volumes, labels: data.labels };
}

function trainer(task) {
  const { batch, batches } = task;
  const { net, volumes, labels } = build(task, batch * batches);
  const settings = { method: "sgd", learning_rate: 0.01, momentum: 0.9, batch_size: batch, l1_decay: 0, l2_decay: 0 };
  const trainer = new convnetjs.Trainer(net, settings);
  let image = 0;
  const next = () => {
    const index = image++ % volumes.length;
    return trainer.train(volumes[index], labels[index]).cost_loss;
  };
  const step = () => {
    let loss = 0;
    for (let n = 0; n < batch; n++) loss += next() / batch;
    return loss;
  };
  return { next, step };
}

function train(task) {
  const { next, step } = trainer(task);
  const small = task.network.name === "LeNet";
  const check = small ? [step(), step(), step()] : [];
  return { call: next, details: { work: 1, check, peakBytes: peakBytes() } };
}

function firstStep(task) {
  const { next, step } = trainer(task);
  const check = [step()];
  return { call: next, details: { work: 1, check, peakBytes: peakBytes() } };
}

function inference(task) {
  if (task.network.input[0] > 64)
    throw new Cannot("left out: one image takes longer than all other contestants together");
  const { net, volumes } = build(task, task.batch);
  // Up to the softmax: all others give logits.
  const logits = (volume) => net.layers.slice(0, -1).reduce((x, layer) => layer.forward(x, false), volume);
  let image = 0;
  const call = () => logits(volumes[image++ % volumes.length]);
  return { call, details: { work: 1, check: [...logits(volumes[0]).w.slice(0, 8)], peakBytes: peakBytes() } };
}

const tasks = { train, firstStep, inference };
await serve((task) => {
  if (!tasks[task.kind]) throw new Cannot("not written for ConvNetJS");
  return tasks[task.kind](task);
});
