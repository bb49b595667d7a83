/** What every engine outside a browser runs: `child.mjs 1 3` trains with 1 and 3 threads and prints a line of JSON. */
import { train } from "./training.ts";

const trainings = [];
for (const threads of process.argv.slice(2)) trainings.push(await train(Number(threads)));
console.log(JSON.stringify(trainings));
