import random
from typing import TypedDict

from orchestrator_sdk import NonRetryableError, Retry, TaskContext, Workflows

app = Workflows(default_plan="starter")


class Forecast(TypedDict):
    city: str
    degrees: int
    attempts: int


@app.task(retry=Retry(max_retries=5, wait_duration_ms=500, backoff_scaling=2))
def fetch_forecast(context: TaskContext, city: str, works_from_attempt: int = 2) -> Forecast:
    """Fails until the given attempt, as a service does while it restarts; an unknown city is not worth a retry."""
    if not city.strip():
        raise NonRetryableError("give the name of a city")
    print(f"attempt {context.attempt + 1}: asking for the forecast of {city}")
    if context.attempt < works_from_attempt:
        raise ConnectionError(f"the forecast service is restarting (attempt {context.attempt + 1})")
    return {"city": city, "degrees": random.Random(city).randint(-5, 35), "attempts": context.attempt + 1}


@app.task
async def warmest(cities: list[str]) -> str:
    """One flaky step for each city; this run sees none of their retries."""
    forecasts = [fetch_forecast(city) for city in cities]
    known = [await forecast for forecast in forecasts]
    return max(known, key=lambda forecast: forecast["degrees"])["city"]


if __name__ == "__main__":
    app.start()
