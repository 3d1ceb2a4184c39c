"""What one would write with the official client: asyncio, a semaphore, a line of JSON a reply.

It sends the same requests as `litemedcot teach`; run.py checks that. Its retries and time limits are
the library's defaults. Tasks are made as slots come free, so that 150,000 do not wait in memory.
"""

import argparse
import asyncio
import base64
import json
import pathlib
import sys

from openai import AsyncOpenAI, OpenAIError

INSTRUCTION = (
    "Reason step by step from what the image shows. Then end with one line: "
    '"Answer: X", where X is the letter of the correct option.'
)
GOLD = (
    "The correct answer is {}. Reason towards it as if you had found it yourself, without saying "
    "that it was given."
)


def user_text(question):
    options = "".join(f"{letter}. {text}\n" for letter, text in question["options"].items())
    return (
        f"Figure caption: {question['caption']}\n\nQuestion: {question['question']}\n{options}\n"
        f"{INSTRUCTION}\n\n{GOLD.format(question['answer'])}"
    )


async def ask(client, options, system, question, out):
    image = (options.questions.parent / question["image"]).read_bytes()
    url = "data:image/jpeg;base64," + base64.b64encode(image).decode("ascii")
    completion = await client.chat.completions.create(
        model="bench-teacher",
        messages=[
            {"role": "system", "content": system},
            {
                "role": "user",
                "content": [
                    {"type": "image_url", "image_url": {"url": url}},
                    {"type": "text", "text": user_text(question)},
                ],
            },
        ],
        max_tokens=1024,
        temperature=0,
    )
    line = {
        "question_id": question["id"],
        "reply": completion.choices[0].message.content,
        "finish": completion.choices[0].finish_reason,
        "prompt_tokens": completion.usage.prompt_tokens,
        "reply_tokens": completion.usage.completion_tokens,
    }
    out.write(json.dumps(line) + "\n")
    out.flush()


async def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--questions", type=pathlib.Path, required=True)
    parser.add_argument("--endpoint", required=True)
    parser.add_argument("--system-prompt-file", type=pathlib.Path, required=True)
    parser.add_argument("--out", type=pathlib.Path, required=True)
    parser.add_argument("--concurrency", type=int, default=256)
    parser.add_argument("--limit", type=int, default=0)
    options = parser.parse_args()
    system = options.system_prompt_file.read_text(encoding="utf-8")
    with open(options.questions, encoding="utf-8") as lines:
        questions = [json.loads(line) for line in lines]
    client = AsyncOpenAI(base_url=options.endpoint, api_key="none")
    free = asyncio.Semaphore(options.concurrency)
    tasks = set()

    async def ask_and_free(question):
        try:
            await ask(client, options, system, question, out)
        except OpenAIError as error:
            print(question["id"], error, file=sys.stderr)
        finally:
            free.release()

    with open(options.out, "a", encoding="utf-8") as out:
        for question in questions[: options.limit or None]:
            await free.acquire()
            task = asyncio.create_task(ask_and_free(question))
            tasks.add(task)
            task.add_done_callback(tasks.discard)
        await asyncio.gather(*tasks)


if __name__ == "__main__":
    asyncio.run(main())
