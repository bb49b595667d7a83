/** A layer of one's own, as a user writes it, right and wrong in several ways: each mistake is refuted by some law. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import {
  batchInvariance,
  check,
  conv2dCases,
  counterexample,
  elementwise,
  gradientCheck,
  gradients,
  imageShapes,
  type Law,
  linearity,
  outputSize,
  Refutation,
  receptiveFieldIsSeen,
  translationEquivariance,
} from "../../src/laws/index.ts";
import { Conv2D, type Conv2DOptions, Layer } from "../../src/layers/index.ts";
import type { Pass } from "../../src/pass.ts";
import { type Shape, type Tensor, tensor } from "../../src/tensor.ts";

/** y = max(x, 0)², dx = dy · factor · max(x, 0); the right factor is 2. */
class SquaredReLU extends Layer {
  constructor(readonly factor = 2) {
    super("SquaredReLU", {}, []);
  }

  override outputShape(inputShape: Shape): number[] {
    return [...inputShape];
  }

  override forward(x: Tensor, pass: Pass): Tensor {
    const y = pass.allocate(x.shape);
    for (let e = 0; e < x.size; e++) y.data[e] = Math.max(x.data[e], 0) ** 2;
    pass.remember(this, { x });
    return y;
  }

  override backward(dy: Tensor, pass: Pass): Tensor {
    const { x } = pass.recall<{ x: Tensor }>(this);
    const dx = pass.allocate(x.shape);
    for (let e = 0; e < x.size; e++) dx.data[e] = dy.data[e] * this.factor * Math.max(x.data[e], 0);
    return dx;
  }
}

/** Takes the mean of the whole batch off each number, which is to be that of the image. */
class Centred extends SquaredReLU {
  override forward(x: Tensor, pass: Pass): Tensor {
    const y = super.forward(x, pass);
    let sum = 0;
    for (const value of y.data) sum += value;
    for (let e = 0; e < y.size; e++) y.data[e] -= sum / y.size;
    return y;
  }
}

/** Mistakes with the window: what is said of it, or what is done with it. */
class Announced extends Conv2D {
  override outputShape([batch, height, width]: Shape): number[] {
    return [batch, height, width, this.options.filters];
  }
}
class Narrower extends Conv2D {
  override windowOver(inputShape: Shape) {
    return new Conv2D({ ...this.options, kernelSize: 1, padding: "valid" }).windowOver(inputShape);
  }
}
class Sloped extends Conv2D {
  override forward(x: Tensor, pass: Pass): Tensor {
    const y = super.forward(x, pass);
    const [, , width, filters] = y.shape;
    for (let e = 0; e < y.size; e++) y.data[e] += Math.floor(e / filters) % width;
    return y;
  }
}

function refutation(law: Law): string {
  const found = counterexample(law);
  assert.ok(found instanceof Refutation, `${law.title} is not refuted`);
  return found.message;
}

describe("a squared ReLU of one's own", () => {
  test("obeys the laws of an activation function", () => {
    check(gradients(new SquaredReLU(), imageShapes()));
    check(elementwise(new SquaredReLU()));
    check(batchInvariance(new SquaredReLU(), imageShapes()));
    check(translationEquivariance(new SquaredReLU(), imageShapes()));
    assert.ok(gradientCheck(new SquaredReLU(), tensor([[-1, 2]])).passed);
  });

  test("is no linear function, and that is found with whole numbers", () => {
    assert.match(
      refutation(linearity(new SquaredReLU(), [1, 1])),
      /on x \[1,1\].*\n {2}found {2}at \[0,0\] of \[1,1\]: -?\d+ =/,
    );
  });

  test("with half the gradient is refuted by an x of two numbers at most", () => {
    const message = refutation(gradients(new SquaredReLU(1), imageShapes()));
    const [, shape] = /new SquaredReLU\({}\) on x \[([\d,]+)\]/.exec(message)!;
    assert.ok(shape.split(",").reduce((size, length) => size * Number(length), 1) <= 2, message);
    const [, backward, difference] = /\[\d,\d,\d,\d\] +(\S+) +(\S+) +← wrong/.exec(message)!;
    assert.ok(Math.abs(Number(difference) / Number(backward) - 2) < 1e-6);
  });

  test("that looks at the whole batch is refuted with the number of the image", () => {
    const message = refutation(batchInvariance(new Centred(), [2, 1, 1, 1]));
    assert.match(message, /in y of the batch, image [01], -?[\d.]+ in y of the image alone/);
  });

  test("without its gradient where x is negative is refuted: NaN is wrong too", () => {
    assert.match(refutation(gradients(new SquaredReLU(Number.NaN), [1, 3])), /NaN/);
  });
});

describe("a convolution of one's own", () => {
  const cases = (make: (options: Conv2DOptions) => Layer) => conv2dCases({ make });

  test("that announces another shape than it gives is refuted", () => {
    assert.match(
      refutation(outputSize(cases((options) => new Announced(options)))),
      /y has the shape .*, announced is/,
    );
  });

  test("that says it sees less than it does is refuted", () => {
    const message = refutation(receptiveFieldIsSeen(cases((options) => new Narrower(options))));
    assert.match(message, /unit \[\d,\d,\d,\d\] (changes|does not change) with pixel \[\d,\d\]; it sees/);
  });

  test("that knows where it is, is not equivariant", () => {
    const message = refutation(translationEquivariance(cases((options) => new Sloped(options))));
    assert.match(message, /of the shifted image, -?\d+ of the image, shifted/);
  });
});
