import { describe, test } from "node:test";
import fc from "fast-check";
import { conv2d as referenceConv2d } from "../../src/kernels/reference/conv2d.ts";
import { conv2d as wasmConv2d } from "../../src/kernels/wasm/conv2d.ts";
import { Engine } from "../../src/kernels/wasm/engine.ts";
import { wasmKernels } from "../../src/kernels/wasm/kernels.ts";
import { type Shape, type Tensor, zeros } from "../../src/tensor.ts";
import { as, floats, type Geometry, geometries, integers, seeds, windowOf } from "../support/arbitraries.ts";
import { equalBits, innerProduct, placed, within } from "../support/compare.ts";
import { convolutionLayer, directions, linear, names, type Sizes } from "../support/directions.ts";

const engine = new Engine();
const wasm = { allocate: (shape: Shape) => engine.allocate(shape), ...wasmConv2d(engine) };
const reference = { allocate: (shape: Shape) => zeros(shape), ...referenceConv2d };
const reference64 = { allocate: (shape: Shape) => zeros(shape, "float64"), ...referenceConv2d };
const relu = { name: "relu", alpha: 0 } as const;
const leaky = { name: "leakyRelu", alpha: 0.5 } as const;
const activations = [
  relu,
  { name: "leakyRelu", alpha: 0.3 },
  { name: "elu", alpha: 1.5 },
  { name: "sigmoid", alpha: 0 },
  { name: "tanh", alpha: 0 },
] as const;
type Activation = typeof relu | typeof leaky | typeof linear;

type Case = Sizes & { readonly geometry: Geometry };

const cases: fc.Arbitrary<Case> = fc.record({
  geometry: geometries({ kernel: 5, stride: 4, dilation: 3, output: 7 }),
  images: fc.integer({ min: 1, max: 3 }),
  groups: fc.constantFrom(1, 1, 1, 2, 3),
  channels: fc.oneof(fc.constant(1), fc.integer({ min: 1, max: 5 })),
  filters: fc.oneof(fc.constant(6), fc.integer({ min: 1, max: 19 })),
  seed: seeds,
});

/** A filter of its own for every channel. */
const depthwise: fc.Arbitrary<Case> = fc.record({
  geometry: geometries({ kernel: 5, stride: 3, dilation: 3, output: 7 }),
  images: fc.integer({ min: 1, max: 10 }),
  groups: fc.integer({ min: 1, max: 20 }),
  channels: fc.constant(1),
  filters: fc.constant(1),
  seed: seeds,
});
const allCases = fc.oneof({ weight: 2, arbitrary: cases }, { weight: 1, arbitrary: depthwise });

type Tensors = ReturnType<typeof tensorsOf>;

function tensorsOf({ geometry, ...sizes }: Case, draw: (shape: Shape, seed: number) => Tensor = integers) {
  return convolutionLayer(windowOf(geometry), sizes, draw);
}

describe("conv2d on WASM", () => {
  test("equals the reference bit for bit on small integers, in all three directions, whatever the geometry", () => {
    fc.assert(
      fc.property(cases, fc.constantFrom(relu, linear), (drawn, activation) => {
        equalsReference(drawn, activation);
      }),
      { numRuns: 300 },
    );
  });

  test("equals the reference bit for bit also where every channel has a filter of its own", () => {
    fc.assert(
      fc.property(depthwise, fc.constantFrom(relu, leaky, linear), (drawn, activation) => {
        equalsReference(drawn, activation);
      }),
      { numRuns: 300 },
    );
  });

  test("an activation is the same in the convolution as behind it, bit for bit", () => {
    const all = wasmKernels({ threads: 1 });
    fc.assert(
      fc.property(cases, fc.constantFrom(...activations), (drawn, activation) => {
        const { x, kernel, bias, window, dy } = tensorsOf(drawn, floats);
        const [within, z, behind] = [dy, dy, dy].map(({ shape }) => zeros(shape));
        all.conv2dForward(within, x, kernel, bias, window, activation);
        all.conv2dForward(z, x, kernel, bias, window, linear);
        all.activationForward(behind, z, activation);
        equalBits(within, behind, { drawn, activation });
      }),
    );
  });

  test("does every size around its tiles: 1 … 17 channels and filters, 1 … 9 pixels", () => {
    const geometry = (width: number): Geometry => ({
      ...{ height: 3, width, kernelSize: [2, 2], strides: [1, 1], dilationRate: [1, 1], padding: [0, 1, 1, 0] },
    });
    for (let width = 1; width <= 9; width++) {
      for (let filters = 1; filters <= 17; filters++) {
        const common = { geometry: geometry(width), images: 2, seed: width };
        equalsReference({ ...common, groups: 1, channels: 18 - filters, filters });
        equalsReference({ ...common, groups: filters, channels: 1, filters: 1 });
      }
    }
  });

  test("does one to seven filters, forward and in the gradient of the input, for every width: 1 … 40 columns", () => {
    for (let width = 1; width <= 40; width++) {
      const kernelWidth = 1 + (width % 4);
      const geometry: Geometry = {
        ...{ height: 4, width, kernelSize: [3, kernelWidth], strides: [1 + (width & 1), 1] },
        ...{ dilationRate: [1, 1], padding: [0, 2, kernelWidth - 1, (width >> 2) % kernelWidth] },
      };
      for (const few of [1, 2, 3, 4 + (width % 4)]) {
        const many = 1 + ((5 * width + few) % 17);
        const drawn = { geometry, images: 2, groups: 1, seed: width };
        equalsReference({ ...drawn, channels: many, filters: few }, width % 3 === 0 ? leaky : relu);
        equalsReference({ ...drawn, channels: few, filters: many });
      }
    }
  });

  test("does windows that are nearly as wide as the image, whose rows almost follow one another", () => {
    for (let kernelWidth = 1; kernelWidth <= 9; kernelWidth++) {
      for (let channels = 1; channels <= 4; channels++) {
        const geometry: Geometry = {
          ...{ height: 5, width: kernelWidth + 1, kernelSize: [3, kernelWidth], strides: [1, 1] },
          ...{ dilationRate: [1, 1], padding: [0, 0, 0, 0] },
        };
        equalsReference({ geometry, images: 2, groups: 1, channels, filters: 5, seed: kernelWidth });
      }
    }
  });

  test("divides large images into bands and large kernels into chunks without a seam", () => {
    const large: Case[] = [
      {
        geometry: {
          height: 61,
          width: 40,
          kernelSize: [5, 3],
          strides: [2, 1],
          dilationRate: [1, 1],
          padding: [2, 2, 1, 1],
        },
        ...{ images: 2, groups: 1, channels: 24, filters: 9, seed: 1 },
      },
      {
        geometry: {
          height: 5,
          width: 5,
          kernelSize: [3, 3],
          strides: [1, 1],
          dilationRate: [1, 1],
          padding: [1, 1, 1, 1],
        },
        ...{ images: 11, groups: 1, channels: 67, filters: 70, seed: 2 },
      },
      // Nothing is padded, so that bands are not copied.
      {
        geometry: {
          height: 62,
          width: 41,
          kernelSize: [5, 3],
          strides: [3, 2],
          dilationRate: [1, 1],
          padding: [0, 0, 0, 0],
        },
        ...{ images: 2, groups: 1, channels: 24, filters: 9, seed: 3 },
      },
      {
        geometry: {
          height: 41,
          width: 40,
          kernelSize: [5, 3],
          strides: [1, 1],
          dilationRate: [1, 1],
          padding: [2, 2, 1, 1],
        },
        ...{ images: 2, groups: 50, channels: 1, filters: 1, seed: 3 },
      },
      {
        geometry: {
          height: 83,
          width: 29,
          kernelSize: [3, 4],
          strides: [1, 1],
          dilationRate: [2, 1],
          padding: [2, 1, 1, 2],
        },
        ...{ images: 2, groups: 1, channels: 3, filters: 30, seed: 3 },
      },
    ];
    // One channel: bands of 77 rows, the last one shorter; more images than there are slices.
    const single = { strides: [1, 1], dilationRate: [1, 1], padding: [2, 2, 0, 1] } as const;
    large.push(
      {
        geometry: { ...single, height: 170, width: 300, kernelSize: [5, 2] },
        ...{ images: 2, groups: 1, channels: 1, filters: 6, seed: 5 },
      },
      {
        geometry: { ...single, height: 5, width: 9, kernelSize: [3, 3] },
        ...{ images: 11, groups: 1, channels: 1, filters: 6, seed: 6 },
      },
    );
    for (const drawn of large) equalsReference(drawn, leaky);
  });

  test("an input that no window reaches has gradient 0, however far its nearest window is outside", () => {
    const tensors = tensorsOf({
      geometry: {
        height: 1,
        width: 1,
        kernelSize: [1, 2],
        strides: [1, 2],
        dilationRate: [1, 3],
        padding: [0, 0, 4, 0],
      },
      // So many filters that a copy running backwards would not only hit memory that nobody reads.
      ...{ images: 2, groups: 1, channels: 9, filters: 400, seed: 4 },
    });
    const { dx } = directions(wasm, tensors, linear);
    equalBits(dx, zeros(dx.shape));
  });

  test("stays within (K + 2)·2⁻²³·Σ|x·w| of the float64 formula", () => {
    fc.assert(
      fc.property(allCases, (drawn) => {
        const tensors = tensorsOf(drawn, floats);
        const fast = directions(wasm, tensors, linear);
        const exact = directions(reference64, wide(tensors), linear);
        const sizes = directions(reference64, magnitudes(tensors), linear);
        const [KH, KW, channels, F] = tensors.kernel.shape;
        const [N, OH, OW] = tensors.dy.shape;
        const bounds = { y: KH * KW * channels + 1, dx: (KH * KW * F) / drawn.groups, dkernel: N * OH * OW };
        for (const name of names) {
          within(fast[name], exact[name], (e) => (bounds[name] + 2) * 2 ** -23 * sizes[name].data[e], {
            [name]: drawn,
          });
        }
      }),
    );
  });

  test("survives a growth of the memory between operations", () => {
    const own = new Engine();
    const kernels = { allocate: (shape: Shape) => own.allocate(shape), ...wasmConv2d(own) };
    const tensors = tensorsOf({
      geometry: {
        height: 6,
        width: 6,
        kernelSize: [3, 3],
        strides: [1, 1],
        dilationRate: [1, 1],
        padding: [1, 1, 1, 1],
      },
      ...{ images: 2, groups: 1, channels: 3, filters: 5, seed: 3 },
    });
    const x = placed(kernels, tensors.x);
    const y = kernels.allocate(tensors.dy.shape);
    const before = own.heap.bytes;
    own.allocate([2 ** 22]);
    if (own.heap.bytes <= before) throw new Error("the memory did not grow");
    kernels.conv2dForward(y, x, tensors.kernel, tensors.bias, tensors.window, linear);
    equalBits(x, tensors.x, "x after growth");
    equalBits(y, directions(reference, tensors, linear).y, "y after growth");
  });
});

describe("conv2d", () => {
  for (const [name, kernels] of [
    ["reference", reference],
    ["wasm", wasm],
  ] as const) {
    test(`⟨dy, conv(x, w)⟩ = ⟨backwardInput(dy), x⟩ = ⟨backwardKernel(dy), w⟩ (${name})`, () => {
      fc.assert(
        fc.property(allCases, (drawn) => {
          const tensors = tensorsOf(drawn);
          const { dx, dkernel } = directions(kernels, tensors, linear);
          const y = zeros(tensors.dy.shape);
          kernels.conv2dForward(y, tensors.x, tensors.kernel, undefined, tensors.window, linear);
          const expected = innerProduct(tensors.dy, y);
          equalBits(Float64Array.of(innerProduct(dx, tensors.x)), Float64Array.of(expected), { dx: drawn });
          equalBits(Float64Array.of(innerProduct(dkernel, tensors.kernel)), Float64Array.of(expected), {
            dkernel: drawn,
          });
        }),
      );
    });
  }
});

/** Small integers: every sum is exact, so there is one right answer. */
function equalsReference(drawn: Case, activation: Activation = linear): void {
  const tensors = tensorsOf(drawn);
  const fast = directions(wasm, tensors, activation);
  const plain = directions(reference, tensors, activation);
  equalBits(fast.y, plain.y, { y: drawn, activation });
  equalBits(fast.dx, plain.dx, { dx: drawn });
  equalBits(fast.dkernel, plain.dkernel, { dkernel: drawn });
}

function wide(t: Tensors): Tensors {
  return {
    ...t,
    x: as("float64", t.x),
    kernel: as("float64", t.kernel),
    bias: as("float64", t.bias),
    dy: as("float64", t.dy),
  };
}

/** |x|, |w|, |b|, |dy| in float64: the same operation on them gives Σ|x·w|. */
function magnitudes(t: Tensors): Tensors {
  const positive = wide(t);
  for (const tensor of [positive.x, positive.kernel, positive.bias, positive.dy]) {
    tensor.data.forEach((value, e) => {
      tensor.data[e] = Math.abs(value);
    });
  }
  return positive;
}
