#!/bin/sh
# Identity pool, roles, credentials and calls, as anyone would type it for AWS.
#
# Takes from the environment, beside what the aws command reads by itself: API_URL, NAME, ISSUER, CLIENT_ID, LOGIN_TOKEN.
set -eu

statement() {
    printf '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", %s}]}' "$1"
}

role() { # NAME POOL AMR RESOURCE
    trust=$(statement "\"Principal\": {\"Federated\": \"cognito-identity.amazonaws.com\"},
        \"Action\": \"sts:AssumeRoleWithWebIdentity\",
        \"Condition\": {
            \"StringEquals\": {\"cognito-identity.amazonaws.com:aud\": \"$2\"},
            \"ForAnyValue:StringLike\": {\"cognito-identity.amazonaws.com:amr\": \"$3\"}
        }")
    invoke=$(statement "\"Action\": \"execute-api:Invoke\", \"Resource\": \"$4\"")
    aws iam create-role --role-name "$1" --assume-role-policy-document "$trust" --query Role.Arn --output text
    aws iam put-role-policy --role-name "$1" --policy-name invoke --policy-document "$invoke"
}

call() { # WHO ACCESS_KEY_ID SECRET_ACCESS_KEY SESSION_TOKEN
    for method in GET POST; do
        status=$(AWS_ACCESS_KEY_ID=$2 AWS_SECRET_ACCESS_KEY=$3 AWS_SESSION_TOKEN=$4 \
            gatepass call --env --include --request "$method" "$API_URL" | sed -n '1s/^[^ ]* \([0-9]*\).*/\1/p')
        echo "$1 $method $status"
    done
}

credentials() { # POOL LOGINS
    identity=$(aws cognito-identity get-id --identity-pool-id "$1" --logins "$2" --query IdentityId --output text)
    aws cognito-identity get-credentials-for-identity --identity-id "$identity" --logins "$2" \
        --query 'Credentials.[AccessKeyId, SecretKey, SessionToken]' --output text
}

pool=$(aws cognito-identity create-identity-pool --identity-pool-name "$NAME" --allow-unauthenticated-identities \
    --cognito-identity-providers "ProviderName=$ISSUER,ClientId=$CLIENT_ID" --query IdentityPoolId --output text)
guest=$(role "$NAME-guest" "$pool" unauthenticated 'arn:aws:execute-api:*:*:*/*/GET/*')
user=$(role "$NAME-user" "$pool" authenticated 'arn:aws:execute-api:*:*:*')
aws cognito-identity set-identity-pool-roles --identity-pool-id "$pool" \
    --roles "unauthenticated=$guest,authenticated=$user"

# Unquoted on purpose: three words.
call guest $(credentials "$pool" '{}')
call user $(credentials "$pool" "{\"$ISSUER\": \"$LOGIN_TOKEN\"}")
