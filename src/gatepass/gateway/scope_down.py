"""What limits a guest of the enhanced flow, whatever its role allows: Cognito's scope-down session policies.

Cognito applies an inline policy and a managed one; as session policies they are one pool, so they are one here.

Source: https://docs.aws.amazon.com/cognito/latest/developerguide/iam-roles.html#access-policies-scope-down-services
"""

from __future__ import annotations

import json

WHOLE_SERVICES = (
    *("appsync", "cloudwatch", "cognito-idp", "cognito-sync", "comprehend", "dynamodb", "execute-api", "firehose"),
    *("gamelift", "iot", "kinesisanalytics", "lambda", "lex", "logs", "machinelearning", "mobileanalytics"),
    *("mobiletargeting", "personalize", "polly", "rekognition", "s3", "sdb", "ses", "sns", "sqs", "sumerian"),
    *("transcribe", "translate"),
)
SINGLE_ACTIONS = (
    *("geo:*DevicePosition*", "geo:*Geofence", "geo:*Geofences", "geo:CalculateRoute*", "geo:GetMap*", "geo:GetPlace"),
    *("geo:SearchPlaceIndex*", "kms:Decrypt", "kms:Encrypt", "rum:PutRumEvents", "sagemaker:InvokeEndpoint"),
    *("textract:AnalyzeDocument", "textract:DetectDocumentText"),
)

DOCUMENT = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": {
            "Effect": "Allow",
            "Action": [*(f"{service}:*" for service in WHOLE_SERVICES), *SINGLE_ACTIONS],
            "Resource": "*",
        },
    }
)
