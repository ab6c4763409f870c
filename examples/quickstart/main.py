import asyncio
import random

from orchestrator_sdk import Retry, Workflows

app = Workflows()


@app.task
def calculate_square(a: int) -> int:
    print(f"squaring {a}")
    return a * a


@app.task
async def sum_squares(a: int, b: int) -> int:
    """Two runs at the same time, each in a container of its own."""
    first, second = await asyncio.gather(calculate_square(a), calculate_square(b))
    return first + second


@app.task(plan="starter", retry=Retry(max_retries=5, wait_duration_ms=500, backoff_scaling=1.5))
def flip_coin() -> str:
    """Tails is an error, so that you can watch retries."""
    side = random.choice(["heads", "tails"])
    print(f"the coin shows {side}")
    if side == "tails":
        raise ValueError("tails: flipping again")
    return side


@app.task
async def process_photo_upload(image_urls: list[str]) -> dict[str, object]:
    photos = await asyncio.gather(*[process_image(url) for url in image_urls])
    processed = sum(1 for photo in photos if photo["success"])
    return {"total": len(photos), "processed": processed, "failed": len(photos) - processed, "results": photos}


@app.task(plan="starter")
def process_image(image_url: str) -> dict[str, object]:
    print(f"making a thumbnail of {image_url}")
    return {"url": image_url, "thumbnail_url": f"{image_url}_thumb.jpg", "success": True}


if __name__ == "__main__":
    app.start()
