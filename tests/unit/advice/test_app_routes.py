"""Routes as documents describe them: each kind of document, and what is refused because routes would be missed."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import pytest

from gatepass.advice.app_routes import routes_in, stage_in
from gatepass.advice.reading import Reading, plain, read
from gatepass.errors import ConfigurationError

SIGNED = "{type: apiKey, name: Authorization, in: header, x-amazon-apigateway-authtype: awsSigv4}"

OPENAPI_3 = f"""openapi: 3.0.1
servers: [{{url: https://example.org/v1}}]
components:
  securitySchemes:
    iam: {SIGNED}
    key: {{type: apiKey, name: x-api-key, in: header}}
security: [{{iam: []}}]
paths:
  /pets/{{id}}:
    parameters: []
    get: {{}}
    put: {{security: [{{key: []}}]}}
    delete: {{security: [{{key: [], iam: []}}]}}
    options: {{security: []}}
  /files/{{proxy+}}:
    x-amazon-apigateway-any-method: {{x-amazon-apigateway-auth: {{type: NONE}}}}
  /$default:
    x-amazon-apigateway-any-method: {{}}
"""

SWAGGER_2 = f"""swagger: "2.0"
basePath: /v1
securityDefinitions:
  sigv4: {SIGNED}
paths:
  /:
    get: {{security: [{{sigv4: []}}]}}
    post: {{x-amazon-apigateway-auth: {{type: AWS_IAM}}}}
    trace: {{}}
  /open/:
    get: {{}}
"""

TEMPLATE = """AWSTemplateFormatVersion: 2010-09-09
Parameters:
  StageName: {Type: String, Default: prod}
Resources:
  Api:
    Type: AWS::ApiGateway::RestApi
  Pet:
    Type: AWS::ApiGateway::Resource
    Properties: {RestApiId: !Ref Api, ParentId: !Ref Pets, PathPart: "{id}"}
  Pets:
    Type: AWS::ApiGateway::Resource
    Properties: {RestApiId: !Ref Api, ParentId: !GetAtt Api.RootResourceId, PathPart: pets}
  GetPet:
    Type: AWS::ApiGateway::Method
    Properties: {RestApiId: !Ref Api, ResourceId: !Ref Pet, HttpMethod: GET, AuthorizationType: AWS_IAM}
  Root:
    Type: AWS::ApiGateway::Method
    Properties:
      RestApiId: !Ref Api
      ResourceId: {"Fn::GetAtt": [Api, RootResourceId]}
      HttpMethod: ANY
      AuthorizationType: !If [Production, AWS_IAM, NONE]
  Preflight:
    Type: AWS::ApiGateway::Method
    Properties: {RestApiId: !Ref Api, ResourceId: !Ref Pets, HttpMethod: OPTIONS, AuthorizationType: NONE}
  Deployment:
    Type: AWS::ApiGateway::Deployment
    Properties: {RestApiId: !Ref Api, StageName: Stage}
  Stage:
    Type: AWS::ApiGateway::Stage
    Properties: {RestApiId: !Ref Api, StageName: !Sub "${StageName}"}
  Http:
    Type: AWS::ApiGatewayV2::Api
    Properties: {ProtocolType: HTTP}
  Toys:
    Type: AWS::ApiGatewayV2::Route
    Properties: {ApiId: !Ref Http, RouteKey: GET /toys, AuthorizationType: AWS_IAM}
  Rest:
    Type: AWS::ApiGatewayV2::Route
    Properties: {ApiId: !Ref Http, RouteKey: $default}
  Chat:
    Type: AWS::ApiGatewayV2::Api
    Properties: {ProtocolType: WEBSOCKET, RouteSelectionExpression: $request.body.action}
  Say:
    Type: AWS::ApiGatewayV2::Route
    Properties: {ApiId: !Ref Chat, RouteKey: say, AuthorizationType: AWS_IAM}
"""

SAM = """Transform: AWS::Serverless-2016-10-31
Globals:
  Api: {Auth: {DefaultAuthorizer: AWS_IAM}}
Resources:
  Pets:
    Type: AWS::Serverless::Function
    Properties:
      Events:
        Get: {Type: Api, Properties: {Path: "/pets/{id}", Method: get}}
        Any: {Type: Api, Properties: {Path: /any, Method: any, Auth: {Authorizer: NONE}}}
        Own: {Type: Api, Properties: {Path: /own, Method: post, RestApiId: !Ref Own}}
        Http: {Type: HttpApi, Properties: {Path: /http, Method: GET, Auth: {Authorizer: AWS_IAM}}}
        Rest: {Type: HttpApi}
        Timer: {Type: Schedule, Properties: {Schedule: rate(1 day)}}
  Own:
    Type: AWS::Serverless::Api
    Properties:
      StageName: live
      Auth: {DefaultAuthorizer: Users}
      DefinitionBody: {openapi: 3.0.1, paths: {/own: {post: {}}}}
  Signed:
    Type: AWS::Serverless::HttpApi
    Properties:
      Auth: {EnableIamAuthorizer: true, DefaultAuthorizer: AWS_IAM}
      DefinitionBody: {openapi: 3.0.1, paths: {/s: {get: {}, put: {security: []}}}}
"""

CHALICE: dict[str, Any] = {
    "Transform": "AWS::Serverless-2016-10-31",
    "Resources": {
        "RestAPI": {
            "Type": "AWS::Serverless::Api",
            "Properties": {
                "EndpointConfiguration": "EDGE",
                "StageName": "api",
                "DefinitionBody": {
                    "swagger": "2.0",
                    "paths": {"/": {"get": {"security": [{"sigv4": []}]}}, "/hoge": {"get": {}}},
                    "securityDefinitions": {
                        "sigv4": {
                            "in": "header",
                            "type": "apiKey",
                            "name": "Authorization",
                            "x-amazon-apigateway-authtype": "awsSigv4",
                        }
                    },
                },
            },
        },
        "APIHandler": {"Type": "AWS::Serverless::Function", "Properties": {"CodeUri": "./deployment.zip"}},
    },
}

TERRAFORM: dict[str, Any] = {
    "resource": {
        "aws_api_gateway_rest_api": {"api": {"name": "pets"}},
        "aws_api_gateway_resource": {
            "pet": {"parent_id": "${aws_api_gateway_resource.pets.id}", "path_part": "{id}"},
            "pets": [{"parent_id": "${aws_api_gateway_rest_api.api.root_resource_id}", "path_part": "pets"}],
        },
        "aws_api_gateway_method": {
            "get": {
                "rest_api_id": "${aws_api_gateway_rest_api.api.id}",
                "resource_id": "${aws_api_gateway_resource.pet.id}",
                "http_method": "GET",
                "authorization": "AWS_IAM",
            }
        },
        "aws_api_gateway_stage": {"s": {"rest_api_id": "${aws_api_gateway_rest_api.api.id}", "stage_name": "prod"}},
        "aws_apigatewayv2_api": {"http": {"protocol_type": "HTTP", "body": json.dumps({"openapi": "3.0.1"})}},
        "aws_apigatewayv2_route": {"r": {"api_id": "${aws_apigatewayv2_api.http.id}", "route_key": "GET /toys"}},
    }
}


def told(text: str) -> list[str]:
    """Routes as texts: the API, the line, the route, and a star behind those of IAM."""
    return [
        f"{each.api}:{each.line} {each.method} {each.path}{' *' if each.iam else ''}" for each in routes_in(read(text))
    ]


@pytest.mark.parametrize(
    ("text", "routes"),
    [
        (
            OPENAPI_3,
            [
                *(":11 GET /pets/{id} *", ":12 PUT /pets/{id}", ":13 DELETE /pets/{id} *", ":14 OPTIONS /pets/{id}"),
                *(":16 ANY /files/{proxy+}", ":18 ANY / *", ":18 ANY /{proxy+} *"),
            ],
        ),
        (SWAGGER_2, [":7 GET / *", ":8 POST / *", ":11 GET /open"]),
        (
            TEMPLATE,
            [
                *("Api:15 GET /pets/{id} *", "Api:18 ANY / *", "Api:25 OPTIONS /pets"),
                *("Http:37 GET /toys *", "Http:40 ANY /", "Http:40 ANY /{proxy+}"),
            ],
        ),
        (
            SAM,
            [
                *("Own:20 POST /own", "Signed:25 GET /s *", "Signed:25 PUT /s"),
                *("ServerlessRestApi:9 GET /pets/{id} *", "ServerlessRestApi:10 ANY /any"),
                *(
                    "ServerlessHttpApi:12 GET /http *",
                    "ServerlessHttpApi:13 ANY /",
                    "ServerlessHttpApi:13 ANY /{proxy+}",
                ),
            ],
        ),
        (json.dumps(CHALICE), ["RestAPI:1 GET / *", "RestAPI:1 GET /hoge"]),
        (json.dumps(TERRAFORM), ["api:1 GET /pets/{id} *", "http:1 GET /toys"]),
    ],
    ids=["openapi-3", "swagger-2", "cloudformation", "sam", "chalice-package", "terraform"],
)
def test_each_kind_of_document_is_read(text: str, routes: list[str]) -> None:
    """Verb, path, whether a signature is asked for, and the line that says so."""
    assert told(text) == routes


@pytest.mark.parametrize(
    ("text", "api", "stage"),
    [
        (TEMPLATE, "", "prod"),
        (TEMPLATE.replace('!Sub "${StageName}"', '!Join ["-", [v, !Ref StageName]]'), "", "v-prod"),
        (TEMPLATE.replace('!Sub "${StageName}"', '!Sub ["${S}1", {S: !Ref StageName}]'), "", "prod1"),
        (TEMPLATE.replace('!Sub "${StageName}"', "!Ref AWS::Region"), "", None),
        (TEMPLATE.replace('!Sub "${StageName}"', "!If [Production, a, b]"), "", None),
        (SAM, "", None),
        (SAM, "Own", "live"),
        (SAM, "ServerlessRestApi", "Prod"),
        (SAM, "ServerlessHttpApi", "$default"),
        (SAM, "Signed", "$default"),
        (json.dumps(CHALICE), "", "api"),
        (json.dumps(TERRAFORM), "api", "prod"),
        (OPENAPI_3, "", None),
    ],
)
def test_the_stage_is_the_one_that_is_named(text: str, api: str, stage: str | None) -> None:
    """None, where there are several."""
    assert stage_in(read(text), api) == stage


def test_a_route_that_stands_twice_is_told_once() -> None:
    """And asks for a signature if it does so anywhere."""
    text = SAM.replace("DefaultAuthorizer: Users", "DefaultAuthorizer: NONE").replace(
        "RestApiId: !Ref Own}", "RestApiId: !Ref Own, Auth: {Authorizer: AWS_IAM}}"
    )
    assert [each for each in told(text) if "/own" in each] == ["Own:20 POST /own *"]


def test_an_api_without_routes_has_none() -> None:
    assert told("Resources: {Api: {Type: AWS::ApiGateway::RestApi}}") == []
    assert told("openapi: 3.0.1\n") == []


RESOURCES = "Resources:\n  Api: {Type: AWS::ApiGateway::RestApi}\n"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{}", "it describes no API"),
        ("[1]", "it describes no API"),
        ("Resources: {T: {Type: AWS::SNS::Topic}}", "it describes no API"),
        ("resource: {aws_sns_topic: {}}", "it describes no API"),
        ("Resources:\n  Api: 1\n", "line 2: `Api` is not an object"),
        ("openapi: 3.0.1\npaths: []\n", "line 2: `paths` is not an object"),
        ("openapi: 3.0.1\npaths:\n  /x: get\n", "line 3: `/x` is not an object"),
        ("openapi: 3.0.1\npaths:\n  x: {get: {}}\n", "line 3: `x` is no path: it does not begin with `/`"),
        ("openapi: 3.0.1\npaths:\n  /x: {$ref: y.yaml}\n", "line 3: `/x` refers to another place"),
        ("openapi: 3.0.1\npaths:\n  /x*: {get: {}}\n", "line 3: `/x*`: `*` cannot stand in the path of a route"),
        ("swagger: 2\npaths:\n  /a{b}: {get: {}}\n", "line 3: `/a{b}`: `a{b}` is neither a name nor a parameter"),
        ("swagger: 2\npaths:\n  /{b+}/c: {get: {}}\n", "line 3: `/{b+}/c`: nothing can follow `{b+}`"),
        (
            "Resources:\n  A:\n    Type: AWS::Serverless::Api\n    Properties:\n      DefinitionUri: api.yaml\n",
            "line 5: the OpenAPI document of `A` is in `api.yaml`",
        ),
        (
            "Resources:\n  A:\n    Type: AWS::ApiGateway::RestApi\n    Properties:\n      BodyS3Location: x\n",
            "line 5: the OpenAPI document of `A` is in another file",
        ),
        (
            "Resources:\n  A:\n    Type: AWS::Serverless::Api\n    Properties: {DefinitionBody: {Fn::Transform: x}}\n",
            "line 4: the OpenAPI document is in another file",
        ),
        (
            RESOURCES
            + "  M:\n    Type: AWS::ApiGateway::Method\n    Properties:\n      ResourceId: !ImportValue root\n",
            "line 6: the path of `M` cannot be known: its resource, or a parent of it, is not in the template",
        ),
        (
            RESOURCES + "  R: {Type: AWS::ApiGateway::Resource, Properties: {PathPart: a, ParentId: !Ref R}}\n"
            "  M: {Type: AWS::ApiGateway::Method, Properties: {ResourceId: !Ref R}}\n",
            "line 4: the path of `M` cannot be known: its resource, or a parent of it, is not in the template",
        ),
        (
            RESOURCES + "  M: {Type: AWS::ApiGateway::Method, Properties: {ResourceId: !GetAtt Api.RootResourceId}}\n",
            "line 3: `None` is no verb of an API",
        ),
        (
            "Resources:\n  R:\n    Type: AWS::ApiGatewayV2::Route\n    Properties: {RouteKey: GET}\n",
            "line 4: `GET` is no route of an HTTP API",
        ),
        (
            "Resources:\n  F:\n    Type: AWS::Serverless::Function\n    Properties: {Events: {E: {Type: Api}}}\n",
            "line 4: an event of `F` has no Path and Method that can be known from the template",
        ),
        (
            json.dumps({"resource": {"aws_apigatewayv2_api": {"a": {"body": "${file(x)}"}}}}),
            "line 1: the OpenAPI document of `a` is not here",
        ),
    ],
)
def test_what_would_leave_routes_out_is_refused(text: str, message: str) -> None:
    """The line is that of the part, and nothing but a ConfigurationError is raised."""
    with pytest.raises(ConfigurationError) as refused:
        routes_in(read(text))
    assert str(refused.value) == message


ODD: list[Any] = [
    *(None, True, 1, "x", "/", [], {}, [1], [{}], {"x": 1}),
    *({"Ref": ["x"]}, {"Fn::GetAtt": 1}, {"Fn::GetAtt": [1]}, {"Fn::Sub": ["x", {}]}, {"Fn::If": ["x", {}, 1]}),
]


def places(value: Any, at: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    yield at
    for key, each in value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ():
        yield from places(each, (*at, key))


@pytest.mark.parametrize(
    "document",
    [plain(OPENAPI_3), plain(SWAGGER_2), plain(TEMPLATE), plain(SAM), CHALICE, TERRAFORM],
    ids=["openapi-3", "swagger-2", "cloudformation", "sam", "chalice-package", "terraform"],
)
def test_whatever_stands_anywhere_is_read_or_refused(document: Any) -> None:
    """Each part of each document in turn is something odd: nothing but a ConfigurationError comes of it."""
    for at in places(document):
        for odd in ODD:
            around: dict[Any, Any] = {"": copy.deepcopy(document)}
            parent: Any = around
            for key in ("", *at)[:-1]:
                parent = parent[key]
            parent[("", *at)[-1]] = odd
            with suppress(ConfigurationError):
                routes_in(Reading(around[""]))
            with suppress(ConfigurationError):
                stage_in(Reading(around[""]))
