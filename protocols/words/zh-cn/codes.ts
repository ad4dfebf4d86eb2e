import type { CustomsStatus, ErrorClass } from "../../ceb/status-table.ts";
import type { TradeMode } from "../../ceb/tables/manifest.ts";

export const currency = {
  "110": "港币",
  "116": "日元",
  "142": "人民币",
  "300": "欧元",
  "303": "英镑",
  "501": "加元",
  "502": "美元",
  "601": "澳元",
} as const;

export const country = {
  "110": "中国香港",
  "116": "日本",
  "121": "中国澳门",
  "122": "马来西亚",
  "129": "菲律宾",
  "132": "新加坡",
  "133": "韩国",
  "136": "泰国",
  "138": "阿联酋",
  "141": "越南",
  "142": "中国",
  "143": "中国台湾",
  "301": "比利时",
  "303": "英国",
  "304": "德国",
  "305": "法国",
  "307": "意大利",
  "309": "荷兰",
  "312": "西班牙",
  "327": "波兰",
  "330": "瑞典",
  "331": "瑞士",
  "344": "俄罗斯",
  "410": "巴西",
  "429": "墨西哥",
  "501": "加拿大",
  "502": "美国",
  "601": "澳大利亚",
  "609": "新西兰",
} as const;

export const unit = {
  "001": "台",
  "006": "套",
  "007": "个",
  "008": "只",
  "011": "件",
  "012": "支",
  "025": "双",
  "035": "千克",
  "036": "克",
} as const;

export const tradeMode = {
  "9610": "跨境电商零售",
  "1210": "保税电商",
  "1239": "保税电商 A",
  "9710": "跨境电商 B2B",
  "9810": "出口海外仓",
} as const satisfies Readonly<Record<TradeMode, string>>;

export const errorAbout = {
  order: "订单",
  receipt: "收款单",
  waybill: "运单",
  manifest: "清单",
  cancel: "撤销申请",
  return: "退货申请",
  entryDetail: "入库明细",
  enterprise: "企业",
  other: "其他",
} as const satisfies Readonly<Record<ErrorClass, string>>;

export const customsStatus = {
  "1": "电子口岸已暂存",
  "2": "电子口岸申报中",
  "3": "发送海关成功",
  "4": "发送海关失败",
  "100": "海关退单",
  "120": "海关入库",
  "300": "人工审核",
  "399": "海关审结",
  "500": "海关查验",
  "501": "扣留移送通关",
  "502": "扣留移送缉私",
  "503": "扣留移送法规",
  "505": "移交",
  "599": "其它扣留",
  "600": "挂起",
  "700": "退运",
  "800": "放行",
  "899": "结关",
} as const satisfies Readonly<Record<CustomsStatus, string>>;
