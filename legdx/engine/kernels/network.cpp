#include "network.hpp"

#include <algorithm>
#include <cmath>

namespace legdx {
namespace {

class Words {
public:
    Words(const std::int64_t* words, std::size_t length) : words_(words), length_(length) {}
    int next() {
        if (at_ >= length_) {
            sound = false;
            return 0;
        }
        return static_cast<int>(words_[at_++]);
    }
    std::vector<int> list() {
        std::vector<int> found;
        for (int left = next(); left > 0 && sound; --left) found.push_back(next());
        return found;
    }
    bool at_end() const { return at_ == length_; }
    bool sound = true;

private:
    const std::int64_t* words_;
    std::size_t length_, at_ = 0;
};

void add_parent(std::vector<int>& parents, int parent) {
    if (std::find(parents.begin(), parents.end(), parent) == parents.end()) parents.push_back(parent);
}

std::size_t cells(const Network& network, const std::vector<int>& members) {
    std::size_t product = 1;
    for (int member : members) product *= static_cast<std::size_t>(network.sizes[member]);
    return product;
}

// A row of numbers that sums to 1 but for rounding is taken to do so.
constexpr double rounding = 2e-15;

}  // namespace

Pair cumulative(const double* row, int level, int levels) {
    int largest = 0;
    double whole = row[0];
    for (int k = 1; k < levels; ++k) {
        whole += row[k];
        if (row[k] > row[largest]) largest = k;
    }
    if (largest > level || !(std::fabs(whole - 1.0) < rounding)) {
        Pair sum{row[0], 0.0};
        for (int k = 1; k <= level; ++k) sum = plus(sum, {row[k], 0.0});
        return sum;
    }
    Pair above{};
    for (int k = levels - 1; k > level; --k) above = plus(above, {row[k], 0.0});
    return plus({1.0, 0.0}, negated(above));
}

void take_numbers(const double* numbers, int draws, Network& network) {
    network.draws = draws;
    network.numbers.assign(numbers, numbers + network.count * static_cast<std::size_t>(draws));
    if (draws > 1) return;
    for (std::size_t i = 0; i < network.nodes.size(); ++i) {
        const Node& node = network.nodes[i];
        if (node.is_table) continue;
        const int levels = network.sizes[i];
        const auto add = [&](std::size_t at, std::size_t rows) {
            for (std::size_t k = 0; k < rows; ++k)
                network.lowest.push_back(cumulative(numbers + at + k * static_cast<std::size_t>(levels), 0, levels));
        };
        add(node.at, cells(network, node.context));
        for (const Link& link : node.links) add(link.at, cells(network, link.context) * static_cast<std::size_t>(network.sizes[link.parent]));
    }
}

bool read_network(const std::int64_t* stream, std::size_t length, Network& network) {
    Words words(stream, length);
    const int variables = words.next();
    for (int i = 0; i < variables && words.sound; ++i) network.sizes.push_back(words.next());
    for (int size : network.sizes) network.most_states = std::max(network.most_states, size);
    std::size_t at = 0;
    for (int i = 0; i < variables && words.sound; ++i) {
        Node node;
        const std::size_t levels = static_cast<std::size_t>(network.sizes[i]);
        node.is_table = words.next() == 0;
        node.context = words.list();
        node.at = at;
        node.row = network.rows;
        at += cells(network, node.context) * levels;
        if (!node.is_table) network.rows += cells(network, node.context);
        for (int parent : node.context) add_parent(node.parents, parent);
        for (int left = words.next(); left > 0 && words.sound; --left) {
            Link link;
            link.parent = words.next();
            link.context = words.list();
            link.at = at;
            link.row = network.rows;
            const std::size_t rows = cells(network, link.context) * static_cast<std::size_t>(network.sizes[link.parent]);
            network.rows += rows;
            at += rows * levels;
            for (int parent : link.context) add_parent(node.parents, parent);
            add_parent(node.parents, link.parent);
            node.links.push_back(std::move(link));
        }
        for (int left = words.next(); left > 0 && words.sound; --left) {
            const int parent = words.next();
            node.inhibitors.push_back({parent, at});
            at += static_cast<std::size_t>(network.sizes[parent]);
            add_parent(node.parents, parent);
        }
        node.gate = words.next();
        node.floor = words.next();
        node.gate_is_parent = std::find(node.parents.begin(), node.parents.end(), node.gate) != node.parents.end();
        if (node.gate >= 0) add_parent(node.parents, node.gate);
        network.nodes.push_back(std::move(node));
    }
    network.count = at;
    return words.sound && words.at_end();
}

}  // namespace legdx
