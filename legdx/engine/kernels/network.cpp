#include "network.hpp"

#include <algorithm>

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

}  // namespace

bool read_network(const std::int64_t* stream, std::size_t length, Network& network) {
    Words words(stream, length);
    const int variables = words.next();
    for (int i = 0; i < variables && words.sound; ++i) network.sizes.push_back(words.next());
    for (int size : network.sizes) network.most_states = std::max(network.most_states, size);
    std::size_t at = 0;
    auto cells = [&](const std::vector<int>& members) {
        std::size_t product = 1;
        for (int member : members) product *= static_cast<std::size_t>(network.sizes[member]);
        return product;
    };
    for (int i = 0; i < variables && words.sound; ++i) {
        Node node;
        const std::size_t levels = static_cast<std::size_t>(network.sizes[i]);
        node.is_table = words.next() == 0;
        node.context = words.list();
        node.at = at;
        at += cells(node.context) * levels;
        for (int parent : node.context) add_parent(node.parents, parent);
        for (int left = words.next(); left > 0 && words.sound; --left) {
            Link link;
            link.parent = words.next();
            link.context = words.list();
            link.at = at;
            at += cells(link.context) * static_cast<std::size_t>(network.sizes[link.parent]) * levels;
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
