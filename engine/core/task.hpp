// The return type of every coroutine of the engine.
#pragma once
#include <boost/asio/awaitable.hpp>

#include "engine/core/error.hpp"

namespace tenantry {

/// A coroutine on the one I/O thread that ends with a value or an Error. It does not throw.
template <class T>
using Task = boost::asio::awaitable<Result<T>>;

}  // namespace tenantry
