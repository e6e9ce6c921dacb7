// Where programs of tests and benchmarks stand between the engine and the outside. Sources that
// include this are compiled once more for such a program, with TENANTRY_SEAMS naming its header;
// never for the program that is released.
#pragma once
#include <utility>

#ifdef TENANTRY_SEAMS
#include TENANTRY_SEAMS

namespace tenantry::cli {
using seams::watched;
}
#else
namespace tenantry::cli {

template <class T>
T&& watched(T&& outside) {
  return std::forward<T>(outside);
}

}  // namespace tenantry::cli
#endif
