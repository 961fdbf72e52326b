// Decides by iam-simulate on command: each line of stdin is a command, each line of stdout its answer.
//
//   {"prepare": name, "document": …, "request": …, "whole": bool}   → {"allowed": bool}
//   {"time": name, "calls": n}                                     → {"seconds": s}
//
// `whole` is the package's public call, which validates and reads the policies each time; else only the evaluation is
// asked, with policies read once.
import { createInterface } from "node:readline";
import { loadPolicy } from "@cloud-copilot/iam-policy";
import { runSimulation } from "@cloud-copilot/iam-simulate";

const inside = new URL(".", import.meta.resolve("@cloud-copilot/iam-simulate"));
const { authorize } = await import(new URL("core_engine/CoreSimulatorEngine.js", inside));
const { AwsRequestImpl } = await import(new URL("request/request.js", inside));
const { RequestContextImpl } = await import(new URL("requestContext.js", inside));

const prepared = new Map();

function evaluation({ document, request }) {
  const { principal, action, account, resources, context } = request;
  const identityPolicies = [loadPolicy(document, { name: "bench" })];
  const rest = {
    sessionPolicy: undefined,
    identityPolicies,
    serviceControlPolicies: [],
    resourceControlPolicies: [],
    resourcePolicy: undefined,
    permissionBoundaries: undefined,
    vpcEndpointPolicies: undefined,
    simulationParameters: { simulationMode: "Strict", discoveryContextKeyConstraints: new Map() },
  };
  const requests = resources.map(
    (resource) =>
      new AwsRequestImpl(principal, { resource, accountId: account }, action, new RequestContextImpl(context), false),
  );
  return (turn) => authorize({ request: requests[turn % requests.length], ...rest }).result;
}

function publicCall({ document, request }) {
  const { principal, action, account, resources, context } = request;
  return async (turn) => {
    const resource = { resource: resources[turn % resources.length], accountId: account };
    const answer = await runSimulation(
      {
        request: { principal, action, resource, contextVariables: context },
        identityPolicies: [{ name: "bench", policy: document }],
        serviceControlPolicies: [],
        resourceControlPolicies: [],
      },
      {},
    );
    if (answer.resultType === "error") throw new Error(JSON.stringify(answer.errors));
    return answer.overallResult;
  };
}

async function answer(command) {
  if (command.prepare !== undefined) {
    const decide = command.whole ? publicCall(command) : evaluation(command);
    prepared.set(command.prepare, { decide, whole: command.whole });
    return { allowed: (await decide(0)) === "Allowed" };
  }
  const { decide, whole } = prepared.get(command.time);
  const began = process.hrtime.bigint();
  if (whole) for (let turn = 0; turn < command.calls; turn++) await decide(turn);
  else for (let turn = 0; turn < command.calls; turn++) decide(turn);
  return { seconds: Number(process.hrtime.bigint() - began) / 1e9 };
}

for await (const line of createInterface({ input: process.stdin })) {
  process.stdout.write(`${JSON.stringify(await answer(JSON.parse(line)))}\n`);
}
