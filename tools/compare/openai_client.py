"""The openai package, as it is, against a running `serve`: what a client may do, and how errors reach it.

Run: python tools/compare/openai_client.py http://127.0.0.1:8080/v1   (openai, pillow)
"""
import base64
import io
import json
import sys

import openai
from PIL import Image


def image_url():
    held = io.BytesIO()
    Image.new("RGB", (96, 96), (90, 120, 150)).save(held, "PNG")
    return "data:image/png;base64," + base64.b64encode(held.getvalue()).decode()


def refused(kind, call):
    try:
        call()
    except kind as error:
        return error
    raise AssertionError(f"not refused with {kind.__name__}")


def main():
    client = openai.OpenAI(base_url=sys.argv[1], api_key="none", max_retries=0)
    model = client.models.list().data[0].id
    assert client.models.retrieve(model).id == model
    user = {"role": "user", "content": [{"type": "image_url", "image_url": {"url": image_url()}},
                                        {"type": "text", "text": "What is seen?"}]}

    def ask(**more):
        return client.chat.completions.create(model=model, messages=[user], **{"max_tokens": 24, **more})
    whole = ask()
    text = whole.choices[0].message.content
    assert text and whole.usage.completion_tokens > 0
    assert whole.usage.total_tokens == whole.usage.prompt_tokens + whole.usage.completion_tokens
    print("whole reply:", repr(text))

    pieces, usage, finish = [], None, None
    for chunk in ask(stream=True, stream_options={"include_usage": True}):
        usage = chunk.usage or usage
        for choice in chunk.choices:
            pieces.append(choice.delta.content or "")
            finish = choice.finish_reason or finish
    assert "".join(pieces) == text and usage == whole.usage and finish == whole.choices[0].finish_reason

    several = ask(n=3, temperature=1, seed=5)
    texts = [choice.message.content for choice in several.choices]
    assert [choice.index for choice in several.choices] == [0, 1, 2]
    assert texts == [choice.message.content for choice in ask(n=3, temperature=1, seed=5).choices]
    assert texts[0] == ask(temperature=1, seed=5).choices[0].message.content
    streamed = {}
    for chunk in ask(n=3, temperature=1, seed=5, stream=True):
        for choice in chunk.choices:
            streamed[choice.index] = streamed.get(choice.index, "") + (choice.delta.content or "")
    assert [streamed[i] for i in range(3)] == texts, (streamed, texts)

    tokens = ask(logprobs=True, top_logprobs=3).choices[0].logprobs.content
    assert b"".join(bytes(one.bytes) for one in tokens).decode() == text
    assert all(len(one.top_logprobs) == 3 and one.top_logprobs[0].logprob >= one.logprob - 1e-6 for one in tokens)

    stop = text.split()[1]
    assert stop not in ask(stop=[stop]).choices[0].message.content

    def schema(*letters):
        return {"type": "json_schema", "json_schema": {"name": "answer", "strict": True, "schema": {
            "type": "object", "properties": {"letter": {"type": "string", "enum": list(letters)}},
            "required": ["letter"], "additionalProperties": False}}}
    forced = json.loads(ask(response_format=schema("A", "B")).choices[0].message.content)
    assert forced["letter"] in ("A", "B")
    choice = ask(extra_body={"structured_outputs": {"choice": ["yes", "no"]}}).choices[0].message.content
    assert choice in ("yes", "no")

    error = refused(openai.BadRequestError, lambda: ask(n=99))
    assert error.param == "n" and error.status_code == 400
    error = refused(openai.BadRequestError, lambda: ask(tools=[{"type": "function", "function": {"name": "f"}}]))
    assert error.param == "tools"
    error = refused(openai.NotFoundError,
                    lambda: client.chat.completions.create(model="another", messages=[user]))
    assert error.code == "model_not_found"
    user["content"][0]["image_url"]["url"] = "https://example.org/x.png"
    error = refused(openai.BadRequestError, ask)
    assert error.param == "messages"
    print("openai", openai.__version__, "is content")


if __name__ == "__main__":
    main()
