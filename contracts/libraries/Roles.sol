// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

/// @title What a party may be verified for
library Roles {
    uint16 internal constant SUPPLIER = 1 << 0;
    uint16 internal constant CORE_ENTERPRISE = 1 << 1;
    uint16 internal constant LENDER = 1 << 2;
    uint16 internal constant COVER_PROVIDER = 1 << 3;
    uint16 internal constant MERCHANT = 1 << 4;
    uint16 internal constant LESSEE = 1 << 5;
    /// @dev Makes or trades machines and lets them.
    uint16 internal constant MANUFACTURER = 1 << 6;

    uint16 internal constant ALL = SUPPLIER | CORE_ENTERPRISE | LENDER | COVER_PROVIDER | MERCHANT | LESSEE | MANUFACTURER;
}
