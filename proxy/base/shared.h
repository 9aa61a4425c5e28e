// A value that many hold and nobody changes, such as a route's settings: one copy for all of them.
#pragma once

#include <cstddef>
#include <initializer_list>
#include <iterator>
#include <memory>
#include <utility>
#include <vector>

namespace bearer::base {

/// Never empty, unless it was moved from. A copy costs a pointer. Thread-safe as std::shared_ptr.
template <typename T>
class Shared {
 public:
  Shared(T value) : value_(std::make_shared<const T>(std::move(value))) {}

  const T& operator*() const { return *value_; }
  const T* operator->() const { return value_.get(); }

  /// Compares the values. It costs nothing if both are the same object.
  bool operator==(const Shared& other) const {
    return value_ == other.value_ || *value_ == *other.value_;
  }

 private:
  std::shared_ptr<const T> value_;
};

/// A list of such values. It reads like a vector of T.
template <typename T>
class SharedList {
  using Items = std::vector<Shared<T>>;

 public:
  class Iterator {
   public:
    using iterator_category = std::forward_iterator_tag;
    using value_type = T;
    using difference_type = std::ptrdiff_t;
    using pointer = const T*;
    using reference = const T&;

    Iterator() = default;
    explicit Iterator(typename Items::const_iterator at) : at_(at) {}
    const T& operator*() const { return **at_; }
    const T* operator->() const { return &**at_; }
    Iterator& operator++() {
      ++at_;
      return *this;
    }
    const Iterator operator++(int) {
      const Iterator before = *this;
      ++at_;
      return before;
    }
    bool operator==(const Iterator&) const = default;

   private:
    typename Items::const_iterator at_;
  };

  SharedList() = default;
  SharedList(std::initializer_list<T> values) : items_(values.begin(), values.end()) {}
  SharedList(std::vector<T> values)
      : items_(std::make_move_iterator(values.begin()), std::make_move_iterator(values.end())) {}

  std::size_t size() const { return items_.size(); }
  bool empty() const { return items_.empty(); }
  Iterator begin() const { return Iterator(items_.begin()); }
  Iterator end() const { return Iterator(items_.end()); }
  const T& operator[](std::size_t i) const { return *items_[i]; }
  const T& at(std::size_t i) const { return *items_.at(i); }
  const T& front() const { return *items_.front(); }
  const T& back() const { return *items_.back(); }

  /// The values as they are shared.
  const Items& items() const { return items_; }

  void push_back(T value) { items_.push_back(std::move(value)); }
  /// Replaces a value here. Who shares the former one keeps it.
  void replace(std::size_t i, T value) { items_[i] = std::move(value); }
  /// Holds the values of `other` in place of equal ones of its own, so that those can be freed.
  void share_with(const SharedList& other) {
    for (std::size_t i = 0; i < items_.size(); ++i) {
      // Mostly a list has changed in few places.
      if (i < other.size() && items_[i] == other.items_[i]) {
        items_[i] = other.items_[i];
        continue;
      }
      for (const Shared<T>& one : other.items_) {
        if (!(one == items_[i])) continue;
        items_[i] = one;
        break;
      }
    }
  }

  bool operator==(const SharedList&) const = default;

 private:
  Items items_;
};

}  // namespace bearer::base
