// Identity pool, roles, credentials and calls, as anyone would write it for AWS.
//
// Takes from the environment, beside what the SDK reads by itself: API_URL, NAME, ISSUER, CLIENT_ID, LOGIN_TOKEN.

import { Sha256 } from "@aws-crypto/sha256-js";
import {
  CognitoIdentityClient,
  CreateIdentityPoolCommand,
  SetIdentityPoolRolesCommand,
} from "@aws-sdk/client-cognito-identity";
import { CreateRoleCommand, IAMClient, PutRolePolicyCommand } from "@aws-sdk/client-iam";
import { fromCognitoIdentityPool } from "@aws-sdk/credential-providers";
import { SignatureV4 } from "@smithy/signature-v4";

const { API_URL, AWS_REGION, CLIENT_ID, ISSUER, LOGIN_TOKEN, NAME } = process.env;
const cognito = new CognitoIdentityClient();
const iam = new IAMClient();

const policy = (statement) =>
  JSON.stringify({ Version: "2012-10-17", Statement: [{ Effect: "Allow", ...statement }] });

async function role(name, pool, amr, resource) {
  const trust = policy({
    Principal: { Federated: "cognito-identity.amazonaws.com" },
    Action: "sts:AssumeRoleWithWebIdentity",
    Condition: {
      StringEquals: { "cognito-identity.amazonaws.com:aud": pool },
      "ForAnyValue:StringLike": { "cognito-identity.amazonaws.com:amr": amr },
    },
  });
  const made = await iam.send(new CreateRoleCommand({ RoleName: name, AssumeRolePolicyDocument: trust }));
  const invoke = policy({ Action: "execute-api:Invoke", Resource: resource });
  await iam.send(new PutRolePolicyCommand({ RoleName: name, PolicyName: "invoke", PolicyDocument: invoke }));
  return made.Role.Arn;
}

async function call(who, credentials) {
  const signer = new SignatureV4({ credentials, region: AWS_REGION, service: "execute-api", sha256: Sha256 });
  const { hostname, host, pathname, port, protocol } = new URL(API_URL);
  for (const method of ["GET", "POST"]) {
    const request = { method, protocol, hostname, port, path: pathname, query: {}, headers: { host } };
    const { headers } = await signer.sign(request);
    const response = await fetch(API_URL, { method, headers });
    console.log(who, method, response.status);
  }
}

const { IdentityPoolId: identityPoolId } = await cognito.send(
  new CreateIdentityPoolCommand({
    IdentityPoolName: NAME,
    AllowUnauthenticatedIdentities: true,
    SupportedLoginProviders: { [ISSUER]: CLIENT_ID },
  }),
);
await cognito.send(
  new SetIdentityPoolRolesCommand({
    IdentityPoolId: identityPoolId,
    Roles: {
      unauthenticated: await role(`${NAME}-guest`, identityPoolId, "unauthenticated", "arn:aws:execute-api:*:*:*/*/GET/*"),
      authenticated: await role(`${NAME}-user`, identityPoolId, "authenticated", "arn:aws:execute-api:*:*:*"),
    },
  }),
);
await call("guest", fromCognitoIdentityPool({ identityPoolId }));
await call("user", fromCognitoIdentityPool({ identityPoolId, logins: { [ISSUER]: LOGIN_TOKEN } }));
