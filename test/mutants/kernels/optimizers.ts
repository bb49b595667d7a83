import type { MutatedFile } from "../mutant.ts";

export const optimizers: MutatedFile = {
  file: "optimizers.ts",
  laws: ["kernels/optimizers", "kernels/contract"],
  mutants: [
    {
      title: "momentum with the wrong sign",
      find: "f32x4.add(f32x4.mul(momentum, loadLanes(o.velocity + offset, lanes)), slope)",
      replace: "f32x4.sub(f32x4.mul(momentum, loadLanes(o.velocity + offset, lanes)), slope)",
    },
    {
      title: "velocity without its past",
      find: "f32x4.add(f32x4.mul(momentum, loadLanes(o.velocity + offset, lanes)), slope)",
      replace: "slope",
    },
    {
      title: "Nesterov looks ahead along the gradient",
      find: "f32x4.add(slope, f32x4.mul(momentum, velocity))",
      replace: "f32x4.add(slope, f32x4.mul(momentum, slope))",
    },
    { title: "always Nesterov", find: "o.nesterov ?", replace: "!o.nesterov ?" },
    {
      title: "states below the smallest normal number stay",
      find: "v128.andnot(x, i32x4.eq(v128.and(x, i32x4.splat(EXPONENT)), i32x4.splat(0)))",
      replace: "x",
    },
    { title: "the smallest normal numbers become 0 too", find: "0x7f800000", replace: "0x7f000000" },
    {
      title: "negative states become 0",
      find: "i32x4.eq(v128.and(x, i32x4.splat(EXPONENT)), i32x4.splat(0))",
      replace: "i32x4.le_s(x, i32x4.splat(0))",
    },
    { title: "velocity is not kept", find: "storeLanes(o.velocity + offset, velocity, lanes);", replace: "" },
    {
      title: "a step goes up",
      find: "f32x4.sub(value, f32x4.mul(f32x4.splat(o.learningRate), step))",
      replace: "f32x4.add(value, f32x4.mul(f32x4.splat(o.learningRate), step))",
    },
    { title: "a step goes all the way", find: "f32x4.mul(f32x4.splat(o.learningRate), step)", replace: "step" },
    {
      title: "decay with the wrong sign",
      find: "f32x4.add(gradient, f32x4.mul(f32x4.splat(weightDecay), value))",
      replace: "f32x4.sub(gradient, f32x4.mul(f32x4.splat(weightDecay), value))",
    },
    { title: "sgd leaves out the last numbers", find: "if (e < last) sgdLanes(o, e, last - e);", replace: "" },
    {
      title: "sgd reads behind the end",
      find: "loadLanes(o.gradient + offset, lanes), value, o.weightDecay);\n  let step",
      replace: "loadLanes(o.gradient + offset + 4, lanes), value, o.weightDecay);\n  let step",
    },
    {
      title: "adam without the second bias correction",
      find: "f32x4.div(f32x4.sqrt(square), f32x4.splat(o.rootOfCorrection2))",
      replace: "f32x4.sqrt(square)",
    },
    {
      title: "adam corrects the second bias the wrong way",
      find: "f32x4.div(f32x4.sqrt(square), f32x4.splat(o.rootOfCorrection2))",
      replace: "f32x4.mul(f32x4.sqrt(square), f32x4.splat(o.rootOfCorrection2))",
    },
    { title: "adam without epsilon", find: "f32x4.add(root, f32x4.splat(o.epsilon))", replace: "root" },
    {
      title: "adam averages squares with the first beta",
      find: "o.beta2, f32x4.mul(slope, slope)",
      replace: "o.beta1, f32x4.mul(slope, slope)",
    },
    {
      title: "adam squares the mean",
      find: "f32x4.mul(slope, slope), o.rest2",
      replace: "f32x4.mul(mean, mean), o.rest2",
    },
    {
      title: "adam steps along the gradient",
      find: "f32x4.mul(f32x4.splat(o.rate), mean)",
      replace: "f32x4.mul(f32x4.splat(o.rate), slope)",
    },
    {
      title: "adamw without decay",
      find: "f32x4.sub(value, f32x4.mul(f32x4.splat(o.shrink), value))",
      replace: "value",
    },
    { title: "adam does not keep the mean", find: "storeLanes(o.mean + offset, mean, lanes);", replace: "" },
    { title: "adam leaves out the last numbers", find: "if (e < last) adamLanes(o, e, last - e);", replace: "" },
    {
      title: "rmsprop has epsilon under the root",
      find: "f32x4.add(f32x4.sqrt(square), f32x4.splat(o.epsilon))",
      replace: "f32x4.sqrt(f32x4.add(square, f32x4.splat(o.epsilon)))",
    },
    {
      title: "rmsprop averages the gradient",
      find: "o.rho, f32x4.mul(slope, slope), o.rest",
      replace: "o.rho, slope, o.rest",
    },
    {
      title: "rmsprop divides by the old average",
      find: "f32x4.sqrt(square), f32x4.splat(o.epsilon)",
      replace: "f32x4.sqrt(loadLanes(o.square + offset, lanes)), f32x4.splat(o.epsilon)",
    },
    { title: "rmsprop leaves out the last numbers", find: "if (e < last) rmspropLanes(o, e, last - e);", replace: "" },
    { title: "an average takes all of what is new", find: "f32x4.mul(f32x4.splat(rest), fresh)", replace: "fresh" },
  ],
};
