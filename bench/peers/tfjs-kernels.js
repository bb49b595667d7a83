/**
 * As released, TensorFlow.js' WASM backend cannot train a CNN: it has no kernel for the gradient of a convolution's filter.
 * Here it is supplied from outside, out of operations that the backend has; and two kernels that are there, but many times
 * slower than they have to be, are replaced in the same way.
 */
import * as tf from "@tensorflow/tfjs-core";
import "@tensorflow/tfjs-backend-wasm";

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
    const planes = tf.transpose(x, [3, 0, 1, 2]);
    const cells = [];
    for (let p = 0; p < filterHeight; p++) {
      for (let q = 0; q < filterWidth; q++) {
        const end = [
          inChannels,
          batchSize,
          p + (outHeight - 1) * strideHeight + 1,
          q + (outWidth - 1) * strideWidth + 1,
        ];
        const seen = tf.stridedSlice(planes, [0, 0, p, q], end, [1, 1, strideHeight, strideWidth]);
        cells.push(tf.matMul(tf.reshape(seen, [inChannels, pixels]), gradient));
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

/** The gradient of the input, where the stride is 1: a convolution with the turned kernel. */
replace("Conv2DBackpropInput", (original, { inputs, attrs, backend }) => {
  const { dy, filter } = inputs;
  const { strides, pad, dimRoundingMode, inputShape } = attrs;
  const info = tf.backend_util.computeConv2DInfo(inputShape, filter.shape, strides, 1, pad, dimRoundingMode);
  if (info.strideHeight > 1 || info.strideWidth > 1) return original({ inputs, attrs, backend });
  const { filterHeight, filterWidth, padInfo } = info;
  const rows = [filterHeight - 1 - padInfo.top, filterHeight - 1 - padInfo.bottom];
  const columns = [filterWidth - 1 - padInfo.left, filterWidth - 1 - padInfo.right];
  return tf.tidy(() => {
    const padded = Math.max(...rows, ...columns) > 0 ? tf.pad(dy, [[0, 0], rows, columns, [0, 0]]) : dy;
    return tf.conv2d(padded, tf.transpose(tf.reverse(filter, [0, 1]), [0, 1, 3, 2]), 1, "valid");
  });
});

/** A product with a transposed matrix: only the one without is fast. */
replace("BatchMatMul", (original, { inputs: { a, b }, attrs: { transposeA, transposeB }, backend }) => {
  return tf.tidy(() => {
    const inputs = { a: transposeA ? turned(a) : a, b: transposeB ? turned(b) : b };
    return original({ inputs, attrs: { transposeA: false, transposeB: false }, backend });
  });
});

/** Its last two axes exchanged. */
function turned(x) {
  const axes = x.shape.map((_, axis) => axis);
  return tf.transpose(x, [...axes.slice(0, -2), ...axes.slice(-2).reverse()]);
}

function replace(kernelName, kernelFunc) {
  const released = tf.getKernel(kernelName, "wasm");
  tf.unregisterKernel(kernelName, "wasm");
  tf.registerKernel({ ...released, kernelFunc: (call) => kernelFunc(released.kernelFunc, call) });
}

function timed(body) {
  const begin = performance.now();
  body();
  return performance.now() - begin;
}
