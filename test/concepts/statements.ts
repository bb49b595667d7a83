/**
 * The statements of introductory courses that have to be true of this library, by the ids that laws and chapters refer
 * to: A from an ordinary network to a convolutional one, B the convolution layer, C the other layers.
 */
export interface Statement {
  readonly id: string;
  readonly text: string;
  /** Why there is no law yet. */
  readonly waiting?: string;
}

export const STATEMENTS: readonly Statement[] = [
  { id: "A1", text: "image classification is a function from an image to a class" },
  { id: "A2", text: "the multilayer perceptron, its loss, its gradients by backpropagation" },
  { id: "A3", text: "its parameters explode: (height·width·channels + 1)·neurons" },
  { id: "A4", text: "it ignores what is beside what: permuted pixels change nothing, to a convolution they do" },
  { id: "A5", text: "it finds a pattern in one place only; scanning finds it anywhere, and is a convolution" },
  { id: "A6", text: "5 inputs and 3 hidden neurons: 15 weights connected fully, 9 sparsely, 3 shared" },
  { id: "A7", text: "a filter gives a feature map, a second filter a second one" },
  { id: "A8", text: "oriented and centre-surround filters" },
  { id: "A9", text: "a filter is a template: the response is largest where the patch looks like the weights" },
  { id: "B1", text: "convolution and cross-correlation, in one and two dimensions; the integral as the limit" },
  { id: "B2", text: "filters extend through the full depth; one activation map a filter, stacked" },
  { id: "B3", text: "output sizes, with stride, padding and remainder" },
  { id: "B4", text: "hyperparameters, non-square filters and strides" },
  { id: "B5", text: "local connectivity and shared parameters: 1 + L·M·N a filter" },
  { id: "B6", text: "equivariance to translation" },
  { id: "B7", text: "two linear layers are one; a nonlinearity breaks it" },
  { id: "B8", text: "a convolution is a dense layer with a sparse, tied matrix" },
  { id: "B9", text: "a strided convolution is one with stride 1, down-sampled" },
  { id: "B10", text: "receptive fields" },
  { id: "B11", text: "the power of small filters: 27C² weights instead of 49C²" },
  { id: "B12", text: "weights per neuron, neurons, connections, parameters" },
  { id: "B13", text: "grouped, depthwise and pointwise convolution, dilation" },
  { id: "C1", text: "ReLU, sigmoid, tanh" },
  { id: "C2", text: "max pooling: slices, sizes, no parameters" },
  { id: "C3", text: "pooling is partly invariant to small shifts, not to rotation" },
  { id: "C4", text: "average pooling, trainable subsampling, global average pooling" },
  { id: "C5", text: "dense layers and flattening" },
  { id: "C6", text: "softmax, log-softmax, negative log-likelihood and its gradient" },
  { id: "C7", text: "dropout" },
  { id: "C8", text: "the transposed convolution is the adjoint, and enlarges" },
  { id: "C9", text: "unpooling with switches" },
  { id: "C10", text: "batch normalisation, local response normalisation" },
];

/** What a run of the tests has shown: a law by its title, where, and whether it held. */
export interface Shown {
  readonly title: string;
  readonly file: string;
  readonly passed: boolean;
}

/** The ids at the beginning of a title: `idsOf("B5, B12: 1 + L·M·N …")` is `["B5", "B12"]`. */
export function idsOf(title: string): string[] {
  return /^([A-Z]\d+(?:, [A-Z]\d+)*): /.exec(title)?.[1].split(", ") ?? [];
}

/** The table id → laws → files, and what is wrong with it: statements without a law, waiting ones with one, failures. */
export function tableOf(
  statements: readonly Statement[],
  shown: readonly Shown[],
): { lines: string[]; faults: string[] } {
  const lines: string[] = [];
  const faults = shown.filter(({ passed }) => !passed).map(({ title, file }) => `${file}: ${title}: failed`);
  for (const { id, text, waiting } of statements) {
    const laws = new Map<string, string>();
    for (const { title, file } of shown) if (idsOf(title).includes(id)) laws.set(withoutSubject(title), file);
    lines.push(`${id.padEnd(4)} ${text}`);
    for (const [title, file] of laws) lines.push(`     ${title.replace(/^[^:]*: /, "")}  [${file}]`);
    if (waiting !== undefined) lines.push(`     waiting: ${waiting}`);
    if (waiting === undefined && laws.size === 0) faults.push(`${id}: no law has it in its title`);
    if (waiting !== undefined && laws.size > 0) faults.push(`${id}: it has a law and does not wait any more`);
  }
  const known = new Set(statements.map(({ id }) => id));
  for (const { title, file } of shown) {
    const foreign = idsOf(title).find((id) => !known.has(id));
    if (foreign) faults.push(`${file}: ${foreign} is not a statement`);
  }
  return { lines, faults };
}

/** What follows in brackets says of which layer and on which kernels; one line is enough for all. */
function withoutSubject(title: string): string {
  return title.replace(/ \([^()]*\)$/, "");
}
