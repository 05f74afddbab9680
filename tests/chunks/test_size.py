"""The size of chunks: bounded growth, immediate shrinking, and the way down to a single row."""

from __future__ import annotations

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lockgate.chunks.size import GROWTH, ChunkSizer


def sizer(size=1000, target=100.0, largest=100_000):
    return ChunkSizer(target, size, largest)


def test_grows_by_half_at_most():
    s = sizer()
    s.took(1.0, 1000)
    assert s.size == 1500


def test_shrinks_at_once_when_over_the_target():
    s = sizer()
    s.took(200.0, 1000)
    assert s.size == 500


def test_a_tenth_when_five_times_over():
    s = sizer()
    s.took(501.0, 1000)
    assert s.size == 100


def test_the_slow_ones_of_the_last_ten_decide():
    s = sizer(largest=1_000_000)
    for milliseconds in [20.0] * 8 + [90.0, 90.0]:
        s.size = 1000
        s.took(milliseconds, 1000)
    assert s.size <= 1111


def test_empty_chunks_teach_nothing():
    s = sizer()
    s.took(0.1, 0)
    assert s.size == 1000


def test_trouble_halves_down_to_one_row_and_no_chunk_grows_before_it_is_passed():
    s = sizer(size=64)
    poison, position, sizes = 37, 0, []
    while True:
        covered = range(position, position + s.size)
        sizes.append(s.size)
        if poison in covered:
            if not s.failed():
                break
        else:
            position += s.size
            s.took(1.0, s.size)
    assert position == poison
    assert sizes[-1] == 1
    assert len(sizes) <= 14
    s.row_set_aside()
    assert s.size == 32


def test_limits_can_change_while_it_runs():
    s = sizer(size=5000)
    s.limit(50.0, 100)
    assert (s.size, s.target_ms) == (100, 50.0)


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.lists(st.one_of(st.none(), st.floats(0.01, 100_000)), max_size=60),
    st.integers(1, 5000),
    st.floats(1, 1000),
)
def test_stays_in_bounds_and_never_jumps_up(durations, first, target):
    s = ChunkSizer(target, first, 10_000)
    for duration in durations:
        before = s.size
        if duration is None:
            s.failed()
            assert s.size <= before
        else:
            s.took(duration, before)
            assert s.size <= max(before + 1, before * GROWTH)
            if duration > target:
                assert s.size < before or before == 1
        assert 1 <= s.size <= 10_000


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.floats(0.001, 1.0), st.integers(1, 5000))
def test_settles_near_the_target_when_the_cost_of_a_row_is_steady(cost, first):
    s = ChunkSizer(100.0, first, 1_000_000)
    for _ in range(60):
        s.took(cost * s.size, s.size)
    assert 0.6 <= s.size * cost / 100.0 <= 1.05
