"""Recounts the control rates of blood tests from the files of the US national survey (NHANES) of 2011-2018.

The files are public and not packed here.  Download BIOPRO, CBC and DEMO with the suffixes G, H, I and J from
https://wwwn.cdc.gov/nchs/nhanes/ into one folder and run ``python tests/qc/nhanes_tests.py FOLDER``.  Printed are the
people beyond a limit, the people tested, and the share by the survey's weights with a 95 % interval: a logit interval
with the variance of a stratified sample of clusters (Taylor linearisation).
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd

CYCLES = "GHIJ"
ADULT = 18
AGES = (18, 99)
Z95 = 1.959964
WOMEN = 2
"""The survey's code; men are 1."""

LIMITS = (
    ("potassium 3.0-3.49", "LBXSKSI", 2.999, 3.499, None, ((18, 50), (51, 99))),
    ("potassium 5.51-6.0", "LBXSKSI", 5.501, 6.001, None, ((18, 70), (71, 99))),
    ("calcium < 2.1", "LBDSCASI", -np.inf, 2.099, None, ((18, 69), (70, 99))),
    ("eGFR < 30", "egfr", -np.inf, 29.999, None, ((18, 69), (70, 99))),
    ("haemoglobin 110-119", "haemoglobin", 109.99, 119.99, 2, ((18, 59), (60, 79), (80, 99))),
    ("haemoglobin 110-119", "haemoglobin", 109.99, 119.99, 1, ((18, 59), (60, 79), (80, 99))),
)
"""Name, column, lowest and highest value counted, sex (1 men, 2 women), age bands."""


def read(folder: Path) -> pd.DataFrame:
    """Return the adults of all cycles, one row each, with weights that make one population of them."""
    frames = []
    for cycle in CYCLES:
        parts = [pd.read_sas(_file(folder, f"{name}_{cycle}"), format="xport") for name in ("DEMO", "BIOPRO", "CBC")]
        frames.append(parts[0].merge(parts[1], on="SEQN", how="left").merge(parts[2], on="SEQN", how="left"))
    people = pd.concat(frames, ignore_index=True)
    people = people[(people.RIDAGEYR >= ADULT) & (people.WTMEC2YR > 0)].copy()
    people["weight"] = people.WTMEC2YR / len(CYCLES)
    people["haemoglobin"] = people.LBXHGB * 10.0
    people["egfr"] = egfr(people.LBXSCR, people.RIDAGEYR, people.RIAGENDR)
    return people


def _file(folder: Path, name: str) -> Path:
    found = [path for path in folder.iterdir() if path.stem.upper() == name and path.suffix.upper() == ".XPT"]
    if not found:
        message = f"{name}.XPT is not in {folder}; download it from https://wwwn.cdc.gov/nchs/nhanes/"
        raise SystemExit(message)
    return found[0]


def egfr(creatinine: pd.Series, age: pd.Series, sex: pd.Series) -> pd.Series:
    """Return the CKD-EPI 2021 estimate in mL/min/1.73 m2 from creatinine in mg/dL (sex: 1 men, 2 women)."""
    woman = sex == WOMEN
    ratio = creatinine / np.where(woman, 0.7, 0.9)
    below, above = np.minimum(ratio, 1.0) ** np.where(woman, -0.241, -0.302), np.maximum(ratio, 1.0) ** -1.2
    return 142.0 * below * above * 0.9938**age * np.where(woman, 1.012, 1.0)


def weighted_share(people: pd.DataFrame, beyond: pd.Series) -> tuple[float, float, float]:
    """Return the weighted share of ``beyond`` and its 95 % interval; (0, 0, nan) where nobody is beyond."""
    weight = people.weight / people.weight.sum()
    share = float((weight * beyond).sum())
    if share in (0.0, 1.0):
        return share, share, float("nan")
    pull = (weight * (beyond - share)).groupby([people.SDMVSTRA, people.SDMVPSU]).sum()
    variance = 0.0
    for _, clusters in pull.groupby(level=0):
        if (n := len(clusters)) > 1:
            variance += n / (n - 1) * float(((clusters - clusters.mean()) ** 2).sum())
    spread = Z95 * variance**0.5 / (share * (1.0 - share))
    ends = [1.0 / (1.0 + np.exp(-(np.log(share / (1.0 - share)) + sign * spread))) for sign in (-1.0, 1.0)]
    return share, float(ends[0]), float(ends[1])


def rows(people: pd.DataFrame) -> Iterator[str]:
    """Yield one line a limit and age band."""
    for name, column, low, high, sex, bands in LIMITS:
        for first, last in bands:
            kept = people[people[column].notna() & people.RIDAGEYR.between(first, last)]
            kept = kept[kept.RIAGENDR.isin([1, WOMEN] if sex is None else [sex])]
            beyond = kept[column].between(low, high)
            share, lower, upper = weighted_share(kept, beyond.astype(float))
            who = {None: "", 1: " men", 2: " women"}[sex]
            counts = f"{int(beyond.sum()):5d} of {len(kept):6d}"
            yield f"{name + who:26s} {first}-{last}: {counts}, {share:.5f} ({lower:.5f} to {upper:.5f})"


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    sys.stdout.writelines(f"{row}\n" for row in rows(read(parser.parse_args().folder)))
