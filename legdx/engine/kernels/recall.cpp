// A variable's factors depend on its own answer and on which of its parents are answered how, hidden or left out: the same
// again in the next row as often as not, and nearly always in the same person's without one answer.
#include "problem.hpp"

namespace legdx {
namespace LEGDX_ISA {
namespace {

constexpr std::uint8_t is_hidden_now = 255, is_left_out = 254, is_open = 1, is_not_open = 0;
constexpr int most_states = 254;
constexpr std::size_t most_values = std::size_t{1} << 19;

}  // namespace

// Write down of each variable whether it is hidden, left out or answered how.
void Reduction::see_all() {
    const int variables = network_->variables();
    if (network_->draws == 1 && (serial_ != network_->serial || values_known_ > most_values)) {
        serial_ = 0;  // none, should memory run out here
        values_known_ = 0;
        known_.assign(static_cast<std::size_t>(places) * variables, {});
        serial_ = network_->serial;
    }
    seen_.resize(variables);
    for (int i = 0; i < variables; ++i) {
        const int certain = answers_->certain[i];
        seen_[i] = certain >= 0 ? static_cast<std::uint8_t>(certain) : problem_->place[i] >= 0 ? is_hidden_now : is_left_out;
    }
}

// Give a variable's factors from memory; otherwise let them be kept as they are made.
bool Reduction::recall(int variable) {
    finish_keeping();
    if (!can_recall(variable)) return false;
    const Node& node = network_->nodes[variable];
    around_.clear();
    std::uint64_t hash = 0, eight = seen_[variable];
    int filled = 1;
    auto close = [&] {
        around_.push_back(eight);
        hash = (hash ^ eight) * 0x9e3779b97f4a7c15u;
        hash ^= hash >> 32;
        eight = 0;
        filled = 0;
    };
    for (int parent : node.parents) {
        eight = eight << 8 | seen_[parent];
        if (++filled == 8) close();
    }
    eight = eight << 8 | (node.gate >= 0 && is_gate_open(node.gate) ? is_open : is_not_open);
    close();
    Recollection& mine = known_[static_cast<std::size_t>(places) * variable + hash % places];
    if (mine.around == around_) {
        replay(mine);
        return true;
    }
    kept_in_ = &mine;
    values_known_ -= mine.values.size();
    mine.around.clear();  // until all of it is kept
    mine.pieces.clear();
    mine.axes.clear();
    mine.values.clear();
    return false;
}

void Reduction::finish_keeping() {
    if (kept_in_ != nullptr) kept_in_->around = around_;
    kept_in_ = nullptr;
}

// Whether a few bytes tell all that decides a variable's factors.
bool Reduction::can_recall(int variable) const {
    const bool is_soft = answers_->likelihood[variable] != nullptr && answers_->certain[variable] < 0;
    return !is_soft && network_->draws == 1 && network_->most_states <= most_states && !is_gate_shut(variable);
}

void Reduction::keep_piece(const Axes& axes, int depth) {
    Recollection& kept = *kept_in_;
    const int entries = static_cast<int>(values_.size()), room = padded_to_lanes(entries);
    const int first = static_cast<int>(kept.values.size());
    kept.pieces.push_back({static_cast<int>(kept.axes.size()), axes.size(), depth, first, entries});
    for (int axis : axes) {
        const int is_of = axis < static_cast<int>(variable_of_.size()) ? variable_of_[axis] : -1;
        kept.axes.push_back(is_of >= 0 ? is_of : axis == switches_[0] ? -1 : -2);
    }
    kept.values.resize(first + 2 * room, 0.0);
    for (int k = 0; k < entries; ++k) {
        kept.values[first + k] = values_[k].high;
        kept.values[first + room + k] = values_[k].low;
    }
    values_known_ += 2 * room;
}

void Reduction::replay(Recollection& known) {
    for (const Recollection::Piece& piece : known.pieces) {
        if (piece.first_axis < 0) {
            add_switch(piece.first, piece.entries != 0);
            continue;
        }
        double* const high = known.values.data() + piece.first;
        double* const low = high + padded_to_lanes(piece.entries);
        const int* const axes_known = known.axes.data() + piece.first_axis;
        if (piece.axes == 1 && axes_known[0] >= 0) {  // by far the most
            const int hidden = problem_->place[axes_known[0]];
            problem_->depths[hidden] += piece.depth + 1;
            for (int state = 0; state < piece.entries; ++state) {
                const Pair factor{high[state], low[state]};
                if (!is_one(factor)) multiply_own(hidden, state, factor);
            }
            continue;
        }
        Axes axes;
        for (int k = 0; k < piece.axes; ++k)
            axes.insert(axes_known[k] >= 0 ? problem_->place[axes_known[k]] : switches_[-1 - axes_known[k]]);
        if (piece.axes > 1 && seed_over(axes) == nullptr) {
            Seed seed;
            seed.axes = axes;
            seed.depth = piece.depth + 1;
            seed.entries = piece.entries;
            seed.high = high;
            seed.low = low;
            seed.is_lent = true;
            add_seed(seed);
            continue;
        }
        values_.clear();
        for (int k = 0; k < piece.entries; ++k) values_.push_back({high[k], low[k]});
        multiply(axes, piece.depth);
    }
}

}  // namespace LEGDX_ISA
}  // namespace legdx
