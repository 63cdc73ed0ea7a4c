"""Everything that can be wrong with data, a model specification or a shipped model, each by name.

HeqiError
└── ScoringError
    ├── UnknownSpec, LeakingFeature, MonotoneInputReused        a specification
    ├── FileMissing, FileUnreadable, FileEmpty, RowRagged       a file as such
    ├── ColumnMissing, ColumnRepeated, LabelColumnMissing       its header
    ├── CellNotNumeric, CellInfinite, LabelInvalid, OneClassOnly  its cells
    ├── LabelImmature                                           a row whose outcome is not known yet
    ├── UnknownCompany, CompanyInTraining                       the demo's companies
    └── ModelMissing, ModelTampered, PromotionRefused           a shipped model
"""

from backend.errors import HeqiError


class ScoringError(HeqiError):
    """Base of the errors of this package."""

    status = 422


class UnknownSpec(ScoringError):
    notice_en = "There is no model specification {name}; known are {known}."
    notice_zh = "没有名为 {name} 的模型规格；已有：{known}。"


class LeakingFeature(ScoringError):
    notice_en = "Specification {spec} must not use column {column} as a feature: {reason}."
    notice_zh = "模型规格 {spec} 不得使用列 {column} 作为特征：{reason}。"


class MonotoneInputReused(ScoringError):
    notice_en = "Specification {spec} promises a direction for {column}, but {derived} is computed from it."
    notice_zh = "模型规格 {spec} 对 {column} 承诺了单调方向，但 {derived} 由它计算得出。"


class FileMissing(ScoringError):
    notice_en = "There is no file {path}."
    notice_zh = "文件 {path} 不存在。"


class FileUnreadable(ScoringError):
    notice_en = "{path} cannot be read as a UTF-8 CSV file, plain or gzip: {reason}."
    notice_zh = "{path} 无法按 UTF-8 CSV 文件（可用 gzip 压缩）读取：{reason}。"


class FileEmpty(ScoringError):
    notice_en = "{path} has no data rows."
    notice_zh = "{path} 没有数据行。"


class RowRagged(ScoringError):
    notice_en = "Row {row} of {path} has {cells} cells where the header has {columns}."
    notice_zh = "{path} 第 {row} 行有 {cells} 个单元格，而表头有 {columns} 列。"


class ColumnMissing(ScoringError):
    notice_en = "{path} lacks {count} column(s) the model needs: {columns}."
    notice_zh = "{path} 缺少模型所需的 {count} 列：{columns}。"


class ColumnRepeated(ScoringError):
    notice_en = "{path} has column {column} more than once."
    notice_zh = "{path} 中列 {column} 重复出现。"


class LabelColumnMissing(ScoringError):
    notice_en = "{path} has no label column {column}, so nothing can be evaluated."
    notice_zh = "{path} 没有标签列 {column}，无法评估。"


class CellNotNumeric(ScoringError):
    notice_en = "Row {row}, column {column}: {value} is not a number."
    notice_zh = "第 {row} 行 {column} 列：{value} 不是数字。"


class CellInfinite(ScoringError):
    notice_en = "Row {row}, column {column}: {value} is not finite; leave a missing figure empty."
    notice_zh = "第 {row} 行 {column} 列：{value} 不是有限数；缺失的数字请留空。"


class LabelInvalid(ScoringError):
    notice_en = "Row {row}, label {column}: {value} is neither 0 nor 1."
    notice_zh = "第 {row} 行标签 {column}：{value} 既不是 0 也不是 1。"


class OneClassOnly(ScoringError):
    notice_en = "All {rows} rows carry the label {value}; ranking needs both 0 and 1."
    notice_zh = "全部 {rows} 行的标签均为 {value}；评估排序能力需要 0 和 1 两类。"


class LabelImmature(ScoringError):
    notice_en = "{key} of {observed} cannot be learned from before {matures}: within {days} days it may still default."
    notice_zh = "{key} 于 {observed} 的样本在 {matures} 之前不能用于训练：{days} 天内仍可能违约。"


class UnknownCompany(ScoringError):
    notice_en = "There is no company {company} in {path}."
    notice_zh = "{path} 中没有公司 {company}。"


class CompanyInTraining(ScoringError):
    notice_en = "Company {company} was used in training and cannot show how the model judges strangers."
    notice_zh = "公司 {company} 参与过训练，不能用来展示模型对陌生企业的判断。"


class ModelMissing(ScoringError):
    notice_en = "The model {name} is not complete: {path} is missing."
    notice_zh = "模型 {name} 不完整：缺少 {path}。"
    status = 500


class ModelTampered(ScoringError):
    notice_en = "The model {name} is not what was trained: {path} has hash {actual}, expected {expected}."
    notice_zh = "模型 {name} 与训练结果不符：{path} 的哈希为 {actual}，应为 {expected}。"
    status = 500


class PromotionRefused(ScoringError):
    notice_en = "Model {spec} must not be used as number {model}: {reasons}."
    notice_zh = "模型 {spec} 不得以编号 {model} 投入使用：{reasons}。"
    status = 409
