from __future__ import annotations

import builtins
import inspect
import pickle

import pytest

import orchestrator_sdk
from orchestrator_sdk import errors

CLASSES = [cls for _, cls in inspect.getmembers(errors, inspect.isclass) if cls.__module__ == errors.__name__]


@pytest.mark.parametrize("cls", CLASSES)
def test_every_error_is_public_and_in_the_tree(cls: type[Exception]) -> None:
    assert issubclass(cls, errors.OrchestratorError)
    assert getattr(orchestrator_sdk, cls.__name__) is cls
    assert cls.__name__ in (errors.__doc__ or "")


@pytest.mark.parametrize(
    ("cls", "builtin"),
    [
        (errors.ArgumentsError, TypeError),
        (errors.ArgumentsError, ValueError),
        (errors.OutsideRunError, LookupError),
        (errors.NotDeployedError, RuntimeError),
        (errors.UnknownTaskError, KeyError),
        (errors.MissingDependencyError, ImportError),
        (errors.WaitTimeoutError, TimeoutError),
        (errors.ConnectionError, builtins.ConnectionError),
    ],
)
def test_an_error_is_also_what_python_calls_it(cls: type[Exception], builtin: type[Exception]) -> None:
    assert issubclass(cls, builtin)
    assert str(cls("why")) == "why"


def test_only_what_will_never_work_is_marked() -> None:
    marked = [cls for cls in CLASSES if getattr(cls, "__orchestrator_retryable__", True) is False]
    assert marked == [errors.ArgumentsError, errors.NonRetryableError, errors.UnknownTaskError]


def test_a_run_error_survives_a_process_border() -> None:
    error = errors.TaskCanceledError("text", run_id="trn-1", status="canceled", message="why")
    copied = pickle.loads(pickle.dumps(error))
    assert (type(copied), str(copied), vars(copied)) == (errors.TaskCanceledError, "text", vars(error))
