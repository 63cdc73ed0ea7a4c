// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {IERC721} from "@openzeppelin/contracts/token/ERC721/IERC721.sol";

/// @title Titles of machines, with their users and the devices that speak for them
/// @notice ERC-721 whose holder owns the machine; the user of ERC-4907 may use it. A lien keeps title and device where they are.
interface IEquipment is IERC721 {
    /// @param device Signer of the machine's own reports, zero before the first is bound.
    /// @param epoch Number of devices bound so far; reports of an earlier device no longer count.
    /// @param meterStart What the hour meter of the device showed when it was bound, in hundredths of an hour.
    /// @param verified True once the bank has compared the certificate with the public register.
    /// @param lienor Contract that holds a lien, zero without one.
    /// @param serialHash Commitment to maker and serial number.
    /// @param certificateHash Hash of the certificate of registration.
    struct Machine {
        address device;
        uint16 epoch;
        uint32 meterStart;
        bool verified;
        address lienor;
        bytes32 serialHash;
        bytes32 certificateHash;
    }

    /// @notice What a device signs over all its records through `sequence`; EIP-712 names the third figure `hours`.
    /// @param at Seconds since 1970 by the device's clock.
    /// @param meter Cumulative hours in hundredths of an hour.
    /// @param fuel Cumulative fuel in tenths of a litre.
    /// @param head Hash of the last record.
    struct Checkpoint {
        uint32 machine;
        uint16 epoch;
        uint64 sequence;
        uint40 at;
        uint32 meter;
        uint32 fuel;
        bytes32 head;
    }

    /// @notice A machine was registered; its title is with the maker.
    event MachineRegistered(uint256 indexed id, uint32 indexed party, bytes32 serialHash, bytes32 certificateHash);
    /// @notice The holder of the title gave another certificate.
    event CertificateChanged(uint256 indexed id, bytes32 certificateHash);
    /// @notice The bank compared the certificate with the public register.
    event CertificateVerified(uint256 indexed id, bytes32 certificateHash, address by);
    /// @notice From now on this device speaks for the machine.
    event DeviceBound(uint256 indexed id, address indexed device, uint16 epoch, uint32 meterStart);
    /// @notice The title is bound by a lien.
    event MachinePledged(uint256 indexed id, address indexed lienor);
    /// @notice The lien ended.
    event MachineReleased(uint256 indexed id, address indexed lienor);
    /// @notice The title moved to its holder's replacement wallet.
    event MachineRecovered(uint256 indexed id, address from, address to);
    /// @notice ERC-4907: who may use the machine, and until when.
    event UpdateUser(uint256 indexed tokenId, address indexed user, uint64 expires);
    /// @notice A contract may take liens on machines.
    event MachineLienorAllowed(address indexed lienor);

    /// @notice There is no machine {id}.
    /// @custom:zh 不存在编号为 {id} 的设备。
    error MachineUnknown(uint256 id);
    /// @notice The hash of the machine's serial number or certificate is empty.
    /// @custom:zh 设备序列号或登记证书的哈希为空。
    error MachineHashEmpty();
    /// @notice A machine with this serial number is registered already, as machine {id}.
    /// @custom:zh 该序列号的设备已登记，编号为 {id}。
    error SerialTaken(uint256 id);
    /// @notice {caller} does not hold the title of machine {id}.
    /// @custom:zh {caller} 不是设备 {id} 的所有权人。
    error NotTitleHolder(uint256 id, address caller);
    /// @notice A lien binds machine {id}; this step is not possible meanwhile.
    /// @custom:zh 设备 {id} 已设定担保，期间不能执行此操作。
    error MachineIsPledged(uint256 id);
    /// @notice {caller} holds no lien on machine {id}.
    /// @custom:zh {caller} 对设备 {id} 没有担保权。
    error NotMachineLienor(uint256 id, address caller);
    /// @notice The certificate of machine {id} is {inForce}, not {given}.
    /// @custom:zh 设备 {id} 的现行登记证书为 {inForce}，与给出的 {given} 不符。
    error CertificateOther(uint256 id, bytes32 inForce, bytes32 given);
    /// @notice The device {device} already speaks for machine {id}.
    /// @custom:zh 终端 {device} 已绑定设备 {id}。
    error DeviceTaken(address device, uint256 id);
    /// @notice The binding of machine {id} is not signed by the device {device}.
    /// @custom:zh 设备 {id} 的绑定未经终端 {device} 签名。
    error DeviceSignatureInvalid(uint256 id, address device);
    /// @notice The wallet {wallet} was not replaced.
    /// @custom:zh 钱包 {wallet} 未被更换。
    error TitleWalletNotRotated(address wallet);

    /// @notice Registers a machine; its title goes to the caller. One machine per serial number over all makers.
    /// @param serialHash Commitment to maker and serial number.
    /// @param certificateHash Hash of the certificate of registration.
    function register(bytes32 serialHash, bytes32 certificateHash) external returns (uint256 id);

    /// @notice Gives another certificate; the bank must verify it again. The title holder, without a lien.
    function setCertificate(uint256 id, bytes32 certificateHash) external;

    /// @notice Records that the certificate was compared with the public register. Restricted to the risk officer.
    function verify(uint256 id, bytes32 certificateHash) external;

    /// @notice Lets a device speak for the machine. The title holder, without a lien.
    /// @param meterStart What the device's hour meter shows now, in hundredths of an hour: metered hours go on from it.
    /// @param signature The device's own, over `DeviceBinding(uint32 machine,address device,uint16 epoch,uint32 meterStart)`.
    function bindDevice(uint256 id, address device, uint32 meterStart, bytes calldata signature) external;

    /// @notice Replaces the device of a machine under lien. Restricted to compliance: neither party picks what measures it.
    function replaceDevice(uint256 id, address device, uint32 meterStart, bytes calldata signature) external;

    /// @notice ERC-4907: lets `user` use the machine until `expires`. The title holder without a lien, or the lienor.
    function setUser(uint256 id, address user, uint64 expires) external;

    /// @notice Binds the title. Restricted to contracts that may take liens; the holder agreed there.
    function pledge(uint256 id) external;

    /// @notice Ends the lien. Restricted to its holder.
    function unpledge(uint256 id) external;

    /// @notice Ends the lien and moves the title. Restricted to its holder.
    function convey(uint256 id, address to) external;

    /// @notice Moves a title to the wallet that replaced its holder's.
    function recover(uint256 id) external;

    /// @notice Lets a contract take liens. Restricted to the admin.
    function allowLienor(address lienor) external;

    function machineOf(uint256 id) external view returns (Machine memory);

    /// @return The machine with this serial number, 0 when there is none.
    function idOfSerial(bytes32 serialHash) external view returns (uint256);

    /// @return The device that spoke for the machine in an epoch, zero when there was none.
    function deviceIn(uint256 id, uint16 epoch) external view returns (address);

    /// @return ERC-4907: who may use the machine now, zero when nobody.
    function userOf(uint256 id) external view returns (address);

    /// @return ERC-4907: second at which the use ends.
    function userExpires(uint256 id) external view returns (uint256);

    /// @return True when the device of the checkpoint's epoch signed exactly this.
    function isCheckpoint(Checkpoint calldata checkpoint, bytes calldata signature) external view returns (bool);
}
