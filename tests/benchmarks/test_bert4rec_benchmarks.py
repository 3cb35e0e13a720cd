"""What lecture 10's benchmarks compute, on tiny data."""

import sys

import numpy as np
import pytest
import torch

from autograder.paths import ROOT

sys.path.append(str(ROOT / "benchmarks"))
import bert4rec
import bert4rec_beauty
from bert4rec_beauty import Settings, Training, read_sequences, run

SMALL = Settings(
    n_steps=23, length=6, d=8, n_layers=1, batch=7, warm=4, every=5, rate=0.4, step_size=0.01
)


@pytest.fixture(scope="module")
def sequences(tmp_path_factory):
    """30 users with 4 to 11 of 160 items each, in a file like the authors'."""
    rng = np.random.default_rng(0)
    lines = [
        f"{user} {7 * item + 3}"
        for user in range(1, 31)
        for item in rng.permutation(160)[: rng.integers(4, 12)]
    ]
    path = tmp_path_factory.mktemp("beauty") / "tiny.txt"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return read_sequences(path)


def for_steps(n):
    """Return a clock that lets a run make n steps."""
    left = iter(range(n))
    return lambda: next(left, None) is not None


def trained(sequences, path, stops, settings=SMALL):
    """Train in runs of so many steps, each in a Training of its own, as separate commands would."""
    for n in stops:
        training = Training(sequences, settings, "cpu")
        run(training, path, for_steps(n))
    return training


# ---- Beauty --------------------------------------------------------------------------------------


def test_runs_that_stop_and_go_on_give_the_parameters_of_one(sequences, tmp_path):
    seed = torch.random.get_rng_state()
    whole = Training(sequences, SMALL, "cpu")
    run(whole, tmp_path / "whole.pt", for_steps(100))
    parts = trained(sequences, tmp_path / "parts.pt", [1, 4, 0, 9, 2, 100])
    torch.random.set_rng_state(seed)
    assert whole.step == parts.step == 23
    assert whole.is_done
    for name, value in whole.model.state_dict().items():
        assert torch.equal(value, parts.model.state_dict()[name]), name
        assert torch.equal(whole.best_model[name], parts.best_model[name]), name
    assert whole.best == parts.best > 0


def test_a_run_moves_parameters_and_another_seed_moves_them_elsewhere(sequences, tmp_path):
    one = trained(sequences, tmp_path / "one.pt", [23])
    start = Training(sequences, SMALL, "cpu")
    other = Settings(**{**vars(SMALL), "seed": 1})
    two = trained(sequences, tmp_path / "two.pt", [23], other)
    assert not torch.equal(one.model.items, start.model.items)
    assert not torch.equal(one.model.items, two.model.items)


def test_a_state_of_other_settings_is_refused(sequences, tmp_path):
    trained(sequences, tmp_path / "state.pt", [3])
    other = Training(sequences, Settings(**{**vars(SMALL), "d": 12}), "cpu")
    with pytest.raises(ValueError, match=r"written with d 8, this run has 12: .*another --state"):
        run(other, tmp_path / "state.pt", for_steps(3))


def test_a_state_that_cannot_be_written_whole_leaves_the_old_one(sequences, tmp_path, monkeypatch):
    path = tmp_path / "state.pt"
    trained(sequences, path, [3])
    before = path.read_bytes()

    def breaks(state, file):
        file.write(b"half")
        raise OSError("No space left on device")

    monkeypatch.setattr(torch, "save", breaks)
    with pytest.raises(OSError, match="No space"):
        trained(sequences, path, [3])
    assert path.read_bytes() == before


def test_sequences_keep_their_order_and_negatives_are_new_to_the_user(sequences, tmp_path):
    path = tmp_path / "mixed.txt"
    path.write_text("2 30\n1 10\n2 10\n1 20\n2 20\n1 30\n" + "3 0\n" * 3, encoding="utf-8")
    few = [np.array([1, 2, 3]), np.array([3, 1, 2]), np.array([0, 0, 0])]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(bert4rec_beauty, "N_NEGATIVES", 1)
        read = read_sequences(path)
    assert [h.tolist() for h in read.histories] == [h.tolist() for h in few]
    assert read.n_items == 4
    for items in sequences.negatives.values():
        for history, row in zip(sequences.histories, items, strict=True):
            assert len(set(row.tolist())) == 100
            assert not set(row.tolist()) & set(history.tolist())


def test_negatives_follow_the_shares():
    shares = np.concatenate([np.full(150, 0.9 / 150), np.full(850, 0.1 / 850)])
    drawn = bert4rec_beauty.draw_negatives([np.array([0])] * 300, shares, seed=0)
    assert 75 < (drawn < 150).sum(axis=1).mean() < 90  # 90, less what is drawn twice
    assert np.array_equal(drawn, bert4rec_beauty.draw_negatives([[0]] * 300, shares, seed=0))


def test_ranks_are_those_of_the_scores(sequences):
    training = Training(sequences, SMALL, "cpu")
    for back in (1, 2):
        before = [h[:-back] for h in sequences.histories]
        scores = training.model.next_items(before)
        ranks = training.ranks(back)
        for user, history in enumerate(sequences.histories):
            own = scores[user, history[-back]]
            for name, items in sequences.negatives.items():
                assert ranks[name][user] == (scores[user, items[user]] > own).sum()
            unseen = np.setdiff1d(np.arange(sequences.n_items), before[user])
            assert ranks["all items"][user] == (scores[user, unseen] > own).sum()


def test_another_file_is_refused_by_name(tmp_path):
    path = tmp_path / "beauty.txt"
    with pytest.raises(SystemExit, match=r"There is no file .*beauty.txt"):
        bert4rec_beauty.load_sequences(path)
    path.write_text("1 1\n", encoding="utf-8")
    with pytest.raises(SystemExit, match=r"beauty.txt is not the authors' .* SHA-256"):
        bert4rec_beauty.load_sequences(path)


# ---- aircraft ------------------------------------------------------------------------------------


def test_equal_scores_are_averaged_over_their_orders():
    scores = np.array([[3.0, 1.0, 1.0, 1.0], [0.0, 5.0, 0.0, 0.0], [2.0, 2.0, 0.0, 1.0]])
    ndcg, hit, first = bert4rec.qualities(scores, np.array([2, 1, 0]))
    gains = 1 / np.log2(np.arange(2, 6))
    np.testing.assert_allclose(ndcg, [gains[1:].mean(), 1, gains[:2].mean()])
    np.testing.assert_allclose(hit, 1)
    np.testing.assert_allclose(first, [0, 1, 0.5])
    tied = bert4rec.qualities(np.zeros((1, 20)), np.array([4]))[:, 0]
    np.testing.assert_allclose(tied, [sum(1 / np.log2(np.arange(2, 12))) / 20, 0.5, 0.05])


def test_counts_are_those_of_the_histories():
    histories = [np.array([0, 1, 0, 1, 2]), np.array([2, 2]), np.array([0, 2, 1])]
    carriers = np.array([0, 1, 0])
    counts = bert4rec.Counts(histories, carriers, 3)
    assert counts.of_carrier.tolist() == [[3, 3, 2], [0, 0, 2]]
    share = np.array([0.3, 0.3, 0.4])
    np.testing.assert_allclose(counts.chain[0], (np.array([0, 2, 1]) + share) / 4)
    np.testing.assert_allclose(
        counts.chain_of_carrier[1, 2], (np.array([0, 0, 1]) + counts.chain[2]) / 2
    )
    assert counts.triples[0, 1].tolist() == [1, 0, 1]
    own = counts.fading([np.array([0, 1, 1])], c=0.5)[0]
    np.testing.assert_allclose(own, (np.array([0.25, 1.5, 0]) + share) / 2.75)


def test_the_carrier_is_told_only_where_the_table_says_so():
    histories = [np.array([0, 1, 2, 0, 1]), np.array([2, 1, 0, 2, 2])] * 2
    for name, (told, ways) in bert4rec.counting_models(
        bert4rec.Counts(histories, np.array([0, 1, 0, 1]), 3), np.array([0, 1, 0, 1])
    ).items():
        others = bert4rec.counting_models(
            bert4rec.Counts(histories, np.array([0, 0, 1, 1]), 3), np.array([0, 0, 1, 1])
        )[name][1]
        same = [np.allclose(ways[key](histories), others[key](histories)) for key in ways]
        assert not any(same) if told else all(same), name


def test_nobody_of_the_tested_is_trained_on():
    for n in bert4rec.CROSSOVER:
        trained, read, wanted = bert4rec.crossover_split(n)
        assert len(trained) == n
        assert len(read) == len(wanted) == bert4rec.N_TESTED
    total = sum(map(len, trained)) + sum(len(h) + 1 for h in read)
    assert total == 321_123
