export * from "./convolution";
