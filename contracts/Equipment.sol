// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {AccessManaged} from "@openzeppelin/contracts/access/manager/AccessManaged.sol";
import {ERC721} from "@openzeppelin/contracts/token/ERC721/ERC721.sol";
import {IERC165} from "@openzeppelin/contracts/utils/introspection/IERC165.sol";
import {ECDSA} from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";
import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";
import {IEquipment} from "./interfaces/IEquipment.sol";
import {IParticipants} from "./interfaces/IParticipants.sol";
import {Roles} from "./libraries/Roles.sol";

/// @title Implementation of IEquipment, where every call, event and error is documented
contract Equipment is IEquipment, ERC721, EIP712, AccessManaged {
    using SafeCast for uint256;

    bytes32 public constant BINDING_TYPEHASH =
        keccak256("DeviceBinding(uint32 machine,address device,uint16 epoch,uint32 meterStart)");
    bytes32 public constant CHECKPOINT_TYPEHASH = keccak256(
        "Checkpoint(uint32 machine,uint16 epoch,uint64 sequence,uint40 at,uint32 hours,uint32 fuel,bytes32 head)"
    );
    /// @dev Of ERC-4907.
    bytes4 internal constant RENTAL_INTERFACE = 0xad092b5c;

    struct Use {
        address user;
        uint64 expires;
    }

    IParticipants public immutable participants;

    uint32 public lastId;
    mapping(uint256 id => Machine) internal _machines;
    mapping(uint256 id => Use) internal _uses;
    mapping(bytes32 serialHash => uint256) public idOfSerial;
    mapping(address device => uint256) public machineOfDevice;
    mapping(uint256 id => mapping(uint16 epoch => address)) public deviceIn;
    mapping(address account => bool) public isLienor;

    constructor(address authority, IParticipants participants_)
        ERC721("Heqi equipment title", "HQE")
        EIP712("Heqi Equipment", "1")
        AccessManaged(authority)
    {
        participants = participants_;
    }

    /* TITLE */

    function register(bytes32 serialHash, bytes32 certificateHash) external returns (uint256 id) {
        uint32 party = participants.requireVerified(msg.sender, Roles.MANUFACTURER);
        require(serialHash != 0 && certificateHash != 0, MachineHashEmpty());
        require(idOfSerial[serialHash] == 0, SerialTaken(idOfSerial[serialHash]));
        id = ++lastId;
        idOfSerial[serialHash] = id;
        (_machines[id].serialHash, _machines[id].certificateHash) = (serialHash, certificateHash);
        emit MachineRegistered(id, party, serialHash, certificateHash);
        _mint(msg.sender, id);
    }

    function setCertificate(uint256 id, bytes32 certificateHash) external {
        Machine storage m = _requireFree(id);
        require(certificateHash != 0, MachineHashEmpty());
        (m.certificateHash, m.verified) = (certificateHash, false);
        emit CertificateChanged(id, certificateHash);
    }

    function verify(uint256 id, bytes32 certificateHash) external restricted {
        Machine storage m = _known(id);
        require(m.certificateHash == certificateHash, CertificateOther(id, m.certificateHash, certificateHash));
        m.verified = true;
        emit CertificateVerified(id, certificateHash, msg.sender);
    }

    function recover(uint256 id) external {
        _known(id);
        address from = ownerOf(id);
        address to = participants.heirOf(from);
        require(to != from, TitleWalletNotRotated(from));
        emit MachineRecovered(id, from, to);
        // Not through the gate: the party stays the same, and a frozen party keeps what it holds.
        super._update(to, id, address(0));
    }

    /* DEVICE */

    function bindDevice(uint256 id, address device, uint32 meterStart, bytes calldata signature) external {
        _bind(_requireFree(id), id, device, meterStart, signature);
    }

    function replaceDevice(uint256 id, address device, uint32 meterStart, bytes calldata signature)
        external
        restricted
    {
        _bind(_known(id), id, device, meterStart, signature);
    }

    function isCheckpoint(Checkpoint calldata c, bytes calldata signature) external view returns (bool) {
        bytes32 digest = _hashTypedDataV4(
            keccak256(
                abi.encode(CHECKPOINT_TYPEHASH, c.machine, c.epoch, c.sequence, c.at, c.meter, c.fuel, c.head)
            )
        );
        address device = deviceIn[c.machine][c.epoch];
        return device != address(0) && _recovered(digest, signature) == device;
    }

    /* USE */

    function setUser(uint256 id, address user, uint64 expires) external {
        if (msg.sender != _known(id).lienor) _requireFree(id);
        _setUser(id, user, expires);
    }

    function userOf(uint256 id) external view returns (address) {
        return _uses[id].expires >= block.timestamp ? _uses[id].user : address(0);
    }

    function userExpires(uint256 id) external view returns (uint256) {
        return _uses[id].expires;
    }

    /* LIEN */

    function pledge(uint256 id) external {
        require(isLienor[msg.sender], NotMachineLienor(id, msg.sender));
        Machine storage m = _known(id);
        require(m.lienor == address(0), MachineIsPledged(id));
        m.lienor = msg.sender;
        emit MachinePledged(id, msg.sender);
    }

    function unpledge(uint256 id) external {
        _release(id);
    }

    function convey(uint256 id, address to) external {
        _release(id);
        // The buyer was verified when it agreed to buy; what it has paid for it receives.
        super._update(to, id, address(0));
        _setUser(id, address(0), 0);
    }

    function allowLienor(address lienor) external restricted {
        isLienor[lienor] = true;
        emit MachineLienorAllowed(lienor);
    }

    /* READING */

    function machineOf(uint256 id) external view returns (Machine memory) {
        return _known(id);
    }

    function supportsInterface(bytes4 interfaceId) public view override(ERC721, IERC165) returns (bool) {
        return interfaceId == RENTAL_INTERFACE || super.supportsInterface(interfaceId);
    }

    /* INTERNAL */

    /// @dev Every transfer passes here: both sides verified, no lien; a user does not outlast the title it came from.
    function _update(address to, uint256 id, address auth) internal override returns (address from) {
        from = super._update(to, id, auth);
        if (from == address(0)) return from;
        require(_machines[id].lienor == address(0), MachineIsPledged(id));
        participants.requireVerified(from, Roles.ALL);
        participants.requireVerified(to, Roles.ALL);
        _setUser(id, address(0), 0);
    }

    function _setUser(uint256 id, address user, uint64 expires) internal {
        _uses[id] = Use(user, expires);
        emit UpdateUser(id, user, expires);
    }

    function _bind(Machine storage m, uint256 id, address device, uint32 meterStart, bytes calldata signature)
        internal
    {
        require(device != address(0), DeviceSignatureInvalid(id, device));
        require(machineOfDevice[device] == 0, DeviceTaken(device, machineOfDevice[device]));
        uint16 epoch = m.epoch + 1;
        bytes32 digest = _hashTypedDataV4(keccak256(abi.encode(BINDING_TYPEHASH, id, device, epoch, meterStart)));
        require(_recovered(digest, signature) == device, DeviceSignatureInvalid(id, device));
        (m.device, m.epoch, m.meterStart) = (device, epoch, meterStart);
        machineOfDevice[device] = id;
        deviceIn[id][epoch] = device;
        emit DeviceBound(id, device, epoch, meterStart);
    }

    function _release(uint256 id) internal {
        Machine storage m = _known(id);
        require(m.lienor == msg.sender, NotMachineLienor(id, msg.sender));
        m.lienor = address(0);
        emit MachineReleased(id, msg.sender);
    }

    function _known(uint256 id) internal view returns (Machine storage m) {
        m = _machines[id];
        require(m.serialHash != 0, MachineUnknown(id));
    }

    /// @dev Of the caller, and bound by no lien.
    function _requireFree(uint256 id) internal view returns (Machine storage m) {
        m = _known(id);
        require(ownerOf(id) == msg.sender, NotTitleHolder(id, msg.sender));
        require(m.lienor == address(0), MachineIsPledged(id));
        participants.requireVerified(msg.sender, Roles.ALL);
    }

    /// @dev Zero for anything that is no signature.
    function _recovered(bytes32 digest, bytes calldata signature) internal pure returns (address signer) {
        (signer,,) = ECDSA.tryRecover(digest, signature);
    }
}
