// The backend that the shared tests of the state are compiled for.
#pragma once
#ifdef TENANTRY_TEST_POSTGRES
#include "tests/unit/state/postgres_fixture.hpp"
#else
#include "tests/unit/state/fixture.hpp"
#endif

namespace tenantry::state {
#ifdef TENANTRY_TEST_POSTGRES
using Backend = PostgresFixture;
#else
using Backend = Fixture;
#endif
}  // namespace tenantry::state
