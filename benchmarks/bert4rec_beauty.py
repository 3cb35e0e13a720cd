"""Lecture 10's BERT4Rec on Amazon Beauty, in as many runs as it takes.

python benchmarks/bert4rec_beauty.py PATH --minutes 8      again and again, until it is done

A run goes on where the one before stopped: model, optimizer, step, order of the rows, random
numbers and the best state on validation are kept in one file, written whole or not at all. Several
short runs give the same parameters as a long one. When all steps are done it is tested once.

PATH is the file of the paper's authors (Sun et al., CIKM 2019), beauty.txt: a line per action, user
and item, in time order. It is verified by checksum and is no part of the course. Their protocol: a
user's last item is the test, the one before validation, ranked among 100 items drawn by popularity;
beside it stand 100 items drawn evenly, and all items.
"""

import hashlib
import os
import sys
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated

import numpy as np
import torch
import typer
from recording import record

from autograder.lecture.reference import load_reference
from embedlab.ranking import mean_and_standard_error

FILE_SHA256 = "f480b7a7403852342ffd8f9809bb30697dd669be31813d0e204b698fec86ef49"
PAPER = {"HR@10": 0.3025, "NDCG@10": 0.1862}
N_NEGATIVES = 100
reference = load_reference("10_bert4rec")


@dataclass(frozen=True)
class Settings:
    """What a state belongs to: the paper's sizes, and the budget.

    Attributes:
        n_steps: of the whole training, however many runs it takes.
        warm: steps in which the step size grows; afterwards it shrinks to 0.
        every: steps between two looks at validation.
    """

    n_steps: int = 200_000
    length: int = 50
    d: int = 64
    n_heads: int = 2
    n_layers: int = 2
    dropout: float = 0.5
    rate: float = 0.6
    last_only: float = 0.1
    batch: int = 256
    step_size: float = 1e-3
    warm: int = 2_000
    weight_decay: float = 0.01
    every: int = 5_000
    seed: int = 0


@dataclass(frozen=True, eq=False)
class Sequences:
    """Users' items in time order, numbered from 0, and what the last ones are ranked among.

    Attributes:
        histories: n_users arrays of at least three items.
        n_items: the number of items.
        negatives: {name: (n_users, 100)} items that the user has not.
    """

    histories: list[np.ndarray]
    n_items: int
    negatives: dict[str, np.ndarray]


# ---- the data ------------------------------------------------------------------------------------


def load_sequences(path: Path) -> Sequences:
    """Return the sequences of the authors' file; exit if it is another."""
    if not path.is_file():
        sys.exit(f"There is no file {path}: give the path of the authors' beauty.txt.")
    found = hashlib.sha256(path.read_bytes()).hexdigest()
    if found != FILE_SHA256:
        sys.exit(f"{path} is not the authors' beauty.txt, or not all of it: SHA-256 {found}.")
    return read_sequences(path)


def read_sequences(path: Path) -> Sequences:
    """Return the sequences of a file with a line per action, "user item", in time order."""
    users, items = np.loadtxt(path, dtype=np.int64).T
    names, items = np.unique(items, return_inverse=True)
    order = np.argsort(users, kind="stable")
    ends = np.flatnonzero(np.diff(users[order])) + 1
    histories = np.split(items[order], ends)
    popularity = np.bincount(items) / len(items)
    even = np.full(len(names), 1 / len(names))
    return Sequences(
        histories,
        len(names),
        {
            "100 by popularity": draw_negatives(histories, popularity, seed=1),
            "100 evenly": draw_negatives(histories, even, seed=2),
        },
    )


def draw_negatives(histories: list[np.ndarray], shares: np.ndarray, seed: int) -> np.ndarray:
    """Return (n_users, 100) different items that are not in the user's history, by `shares`."""
    rng, up_to = np.random.default_rng(seed), np.cumsum(shares)
    drawn = np.empty((len(histories), N_NEGATIVES), dtype=np.int64)
    for row, history in zip(drawn, histories, strict=True):
        kept = np.array([], dtype=np.int64)
        while len(kept) < N_NEGATIVES:
            more = np.searchsorted(up_to, rng.random(2 * N_NEGATIVES) * up_to[-1], side="right")
            kept = np.concatenate([kept, more[~np.isin(more, history)]])
            kept = kept[np.sort(np.unique(kept, return_index=True)[1])]  # first come, first kept
        row[:] = kept[:N_NEGATIVES]
    return drawn


# ---- training that can be stopped ----------------------------------------------------------------


class Training:
    """A model on its way: everything that the next step depends on, and the best state so far.

    Args:
        sequences: to train on, without the last two items of every user.
        settings: sizes and budget.
        device: "cuda" or "cpu".
    """

    def __init__(self, sequences: Sequences, settings: Settings, device: str) -> None:
        self.sequences, self.settings, self.device = sequences, settings, device
        torch.manual_seed(settings.seed)  # also that of dropout, on a GPU too
        model = reference["BERT4Rec"](
            sequences.n_items,
            settings.length,
            d=settings.d,
            n_heads=settings.n_heads,
            n_layers=settings.n_layers,
            dropout=settings.dropout,
        )
        self.model = model.to(device)
        matrices = [p for p in self.model.parameters() if p.dim() > 1]
        vectors = [p for p in self.model.parameters() if p.dim() <= 1]
        self.optimizer = torch.optim.AdamW(
            [
                {"params": matrices, "weight_decay": settings.weight_decay},
                {"params": vectors, "weight_decay": 0.0},
            ]
        )
        self.rows = self._windows([self._padded(history[:-2]) for history in sequences.histories])
        self.lots = torch.Generator(device).manual_seed(settings.seed)
        self.step = 0
        self.order, self.at = self._new_order(), 0
        self.best, self.best_model = -1.0, {}

    def _padded(self, history: np.ndarray) -> np.ndarray:
        kept = history[-self.settings.length :]
        padding = np.full(self.settings.length - len(kept), self.sequences.n_items)
        return np.concatenate([padding, kept])

    def _windows(self, rows: list[np.ndarray]) -> torch.Tensor:
        return torch.from_numpy(np.array(rows)).to(self.device)

    def _new_order(self) -> torch.Tensor:
        return torch.randperm(len(self.rows), generator=self.lots, device=self.device)

    @property
    def is_done(self) -> bool:
        """Whether all steps have been made."""
        return self.step == self.settings.n_steps

    def one_step(self) -> float:
        """Hide items of the next batch, and follow the gradient once; return the loss."""
        s = self.settings
        if self.at >= len(self.order):
            self.order, self.at = self._new_order(), 0
        items = self.rows[self.order[self.at : self.at + s.batch]]
        self.at += s.batch
        lots = (
            torch.rand(shape, generator=self.lots, device=self.device)
            for shape in (items.shape, items.shape[:1])
        )
        shown, hidden = reference["mask_items"](
            items, self.sequences.n_items, s.rate, s.last_only, *lots
        )
        left = (s.n_steps - self.step) / max(1, s.n_steps - s.warm)
        for group in self.optimizer.param_groups:
            group["lr"] = s.step_size * min((self.step + 1) / (s.warm + 1), left)
        self.model.train()
        with torch.autocast(self.device, torch.bfloat16, enabled=self.device == "cuda"):
            scores = self.model.scores(self.model(shown)[hidden])  # a softmax of 54,542 each
            everywhere = torch.ones(1, len(scores), dtype=torch.bool, device=self.device)
            loss = reference["masked_item_loss"](
                scores.float()[None], items[hidden][None], everywhere
            )
        self.optimizer.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(self.model.parameters(), 5.0)
        self.optimizer.step()
        self.step += 1
        return loss.item() if self.step % 100 == 0 else np.nan

    def state(self) -> dict:
        """Return everything that the next step depends on."""
        return {
            "settings": asdict(self.settings),
            "device": self.device,
            "step": self.step,
            "model": self.model.state_dict(),
            "optimizer": self.optimizer.state_dict(),
            "order": self.order,
            "at": self.at,
            "lots": self.lots.get_state(),
            "dropout": torch.get_rng_state(),
            "dropout_cuda": torch.cuda.get_rng_state() if self.device == "cuda" else None,
            "best": self.best,
            "best_model": self.best_model,
        }

    def restore(self, state: dict) -> None:
        """Go on from what `state` returned.

        Raises:
            ValueError: the state has other settings, or is of another kind of device.
        """
        own = {**asdict(self.settings), "device": self.device}
        for name, value in own.items():
            kept = {**state["settings"], "device": state["device"]}[name]
            if kept != value:
                raise ValueError(
                    f"The state was written with {name} {kept}, this run has {value}: "
                    "use the same, or another --state for a new training."
                )
        self.step, self.order, self.at = state["step"], state["order"].to(self.device), state["at"]
        self.model.load_state_dict(state["model"])
        self.optimizer.load_state_dict(state["optimizer"])
        self.lots.set_state(state["lots"])
        torch.set_rng_state(state["dropout"])
        if self.device == "cuda":
            torch.cuda.set_rng_state(state["dropout_cuda"])
        self.best, self.best_model = state["best"], state["best_model"]

    # ---- how good it is --------------------------------------------------------------------------

    @torch.no_grad()
    def ranks(self, back: int) -> dict[str, np.ndarray]:
        """Return {among what: (n_users,)} how many items are ranked before the true one.

        Args:
            back: which item is asked for: 1 is the last of a history, 2 the one before.
        """
        histories, n_items = self.sequences.histories, self.sequences.n_items
        before = [history[:-back] for history in histories]
        asked = reference["append_mask"]
        windows = self._windows([asked(h, self.settings.length, n_items) for h in before])
        wanted = torch.tensor([h[-back] for h in histories], device=self.device)
        negatives = {
            name: torch.from_numpy(items).to(self.device)
            for name, items in self.sequences.negatives.items()
        }
        self.model.eval()
        found = {name: [] for name in (*negatives, "all items")}
        for users in torch.arange(len(histories)).split(256):
            scores = self.model.scores(self.model(windows[users])[:, -1])
            own = scores.gather(1, wanted[users, None])
            for name, items in negatives.items():
                found[name].append((scores.gather(1, items[users]) > own).sum(dim=1))
            for row, user in zip(scores, users.tolist(), strict=True):
                row[before[user]] = -torch.inf  # what a user has had is not recommended again
            found["all items"].append((scores > own).sum(dim=1))
        return {name: torch.cat(parts).cpu().numpy() for name, parts in found.items()}

    def validate(self) -> float:
        """Measure NDCG@10 of the last item but one, and keep the state if it is the best."""
        quality = float(ndcg(self.ranks(2)["100 by popularity"]).mean())
        if quality > self.best:
            self.best = quality
            self.best_model = {
                name: value.detach().clone() for name, value in self.model.state_dict().items()
            }
        return quality


def ndcg(ranks: np.ndarray) -> np.ndarray:
    """Return NDCG@10 of one true item each, from how many were ranked before it."""
    return np.where(ranks < 10, 1 / np.log2(ranks + 2), 0.0)


def save(state: dict, path: Path) -> None:
    """Write a state so that at every moment the whole old or the whole new one is there."""
    part = path.with_name(path.name + ".part")
    with part.open("wb") as file:
        torch.save(state, file)
        file.flush()
        os.fsync(file.fileno())
    os.replace(part, path)


def run(training: Training, path: Path, may_go_on: Callable[[], bool]) -> None:
    """Go on from the state at `path`, if there is one, and keep the state there at the end.

    It is kept after every look at validation too, so that a run that is killed loses little.
    """
    if path.exists():
        training.restore(torch.load(path, map_location="cpu", weights_only=True))
    started, first = time.perf_counter(), training.step
    loss = np.nan
    while not training.is_done and may_go_on():
        latest = training.one_step()
        loss = loss if np.isnan(latest) else latest
        if training.step % training.settings.every == 0 or training.is_done:
            quality = training.validate()
            save(training.state(), path)
            pace = (training.step - first) / (time.perf_counter() - started)
            print(
                f"step {training.step:,}, {pace:.1f} a second: loss {loss:.3f}, validation"
                f" NDCG@10 {quality:.4f}, best {training.best:.4f}",
                flush=True,
            )
    save(training.state(), path)


def report(training: Training) -> None:
    """Test the best state once, and record the table."""
    training.model.load_state_dict(training.best_model)
    rows = []
    for name, ranks in training.ranks(1).items():
        hit, gain = (mean_and_standard_error(v) for v in ((ranks < 10) + 0.0, ndcg(ranks)))
        rows.append([name, *(f"{mean:.4f} ± {error:.4f}" for mean, error in (hit, gain))])
    published = [f"{value:.4f}" for value in PAPER.values()]
    record(
        "10_bert4rec",
        "beauty",
        ["ranked among", *PAPER],
        [*rows, ["100 by popularity, as published", *published]],
        f"Amazon Beauty, {len(training.sequences.histories):,} users,"
        f" {training.sequences.n_items:,} items: every user's last item. {training.step:,} steps"
        f" on {training.device}; the state that was best on the last item but one."
        " ± standard error over users; one start. Published: Sun et al. (2019), table 2.",
        ["numpy", "torch"],
    )


def main(
    path: Annotated[Path, typer.Argument(help="The authors' beauty.txt.")],
    minutes: Annotated[float, typer.Option(help="Stop after so long; run again to go on.")] = 8.0,
    state: Annotated[Path, typer.Option(help="Where the state is kept.")] = Path(
        "bert4rec_beauty.pt"
    ),
    n_steps: Annotated[int, typer.Option(help="Of the whole training.")] = Settings.n_steps,
) -> None:
    """Train for some minutes; after the last step, test and record."""
    end = time.monotonic() + 60 * minutes
    device = "cuda" if torch.cuda.is_available() else "cpu"
    training = Training(load_sequences(path), Settings(n_steps=n_steps), device)
    try:
        run(training, state, lambda: time.monotonic() < end)
    except ValueError as error:
        sys.exit(str(error))
    if training.is_done:
        report(training)
    else:
        print(f"{training.step:,} of {n_steps:,} steps on {device}. Run it again to go on.")


if __name__ == "__main__":
    typer.run(main)
