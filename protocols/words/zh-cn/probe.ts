export const probeHint = {
  noSuchUrl: "该路径没有内容[：{detail}]。请查相机手册中单张抓拍的路径。",
  videoStream: "此路径下的内容没有结尾[：{detail}]。请查阅相机单张抓拍的路径，通常称为 snapshot。",
  endsEarly: "相机在应答中途断开[：{detail}]。请改用较小的图片，并查看有无新固件。",
  noHttp:
    "对方接受连接后即断开，或说的不是 HTTP[：{detail}]。请核对端口以及 http 与 https；许多相机同时只应答少数几个连接。",
  slowAnswer:
    "应答未按时到达。请改用较小的图片，或调大 reach.answerMsMax；那里应答的确实是相机吗？",
  redirected:
    "对方让我们转往别处[：{detail}]。请把该地址写入 reach.url；如果那是登录页面，则此路径不是抓拍路径。",
  otherProtocol:
    "对方切换到另一种协议[：{detail}]，因此此路径不是抓拍路径。请查阅相机单张抓拍的路径，通常称为 snapshot。",
  noPicture: "对方有应答，但没有图片[：{detail}]。图像服务是否已启用，该通道是否存在？",
  deviceBusy:
    "对方繁忙或仍在启动[：{detail}]。是否还有其他程序在请求它？请调大 reach.lookEveryMs，或重启设备。",
  requestRefused: "对方不接受此请求[：{detail}]。请按手册核对路径及其参数。",
  deviceNotTrusted: "证书的签发者不受信任[：{detail}]。请在 reach.caFile 中写明其签发机构。",
  deviceExpired: "其证书已过期[：{detail}]。请在设备上更新证书。",
  deviceOtherName:
    "其证书适用于其他名称[：{detail}]。请把其中之一写入 reach.url，或为此名称签发证书。",
  deviceWantsOurs:
    "对方要求我们出示证书，而这里无法提供[：{detail}]。请在设备上关闭此要求；可提供用户名和密码。",
  deviceNoTls:
    "那里没有 TLS[：{detail}]。设备通常另有 TLS 端口，多为 443；没有时 reach.url 以 http 开头。",
  passwordInClear: "对方要求以明文传送密码[：{detail}]。请把它设为 Digest，或改用 https。",
  portClosed:
    "该地址无人监听[：{address}]。设备是否开机，端口是否正确？许多设备只接受一个连接：检测前请先停止代理程序。",
  pathGone: "没有 {path}。[本机现有 {paths}。]/dev/serial/by-id 下的名称不会改变。",
  pathDenied: "当前用户无权打开 {path}：请将该用户加入文件所属的组，通常为 dialout。",
  folderClosed:
    "无法查看该文件夹[：{detail}]。磁盘是否已挂载，reach.path（以及 reach.tellPath，如有）是否正确，当前用户是否有读写权限？",
  pathBusy: "{path} 正被其他程序占用：检测前请先停止代理程序。",
  silentLine:
    "已连接，{seconds} 秒内一个字节也没有收到。设备是否开机，收发线是否接反，设备是否会主动发送？波特率不对时也可能像没有数据。",
  silentPeer: "已连接，{seconds} 秒内一个字节也没有收到。设备是否会主动发送，是否发到本连接？",
  lineErrors: "期间串口记录到 {total} 个损坏字符：波特率、数据位、校验位或停止位与设备不一致。",
  parityBit:
    "每个字节的第 7 位是校验位：设备使用 7 个数据位，校验为 {parity}。请将 dataBits 设为 7，parity 设为 {parity}。",
  notTextOnLine: "收到 {total} 个字节，多数不是文本：波特率与设备不一致，或设备使用二进制协议。",
  notText: "收到 {total} 个字节，多数不是文本：设备使用二进制协议，或接的是别的设备。",
  isoTcp:
    "收到的数据以 03 00 开头，是 TCP 上的 ISO 传输（RFC 1006）的报文：请在端口旁设置 isoTcp，写明双方的 TSAP。",
  isoTcpIsNone:
    "收到的数据不是 TCP 上的 ISO 传输的报文：套接字上没有 ISO 传输，请去掉 isoTcp；或者这是设备的另一个端口。",
  isoTcpUnanswered:
    "设备接受了呼叫，但没有同意 {own} 与 {device} 之间的 ISO 连接：请将两个 TSAP 与设备的连接对照；设备若没有 ISO 连接，请去掉 isoTcp。",
  isoTcpRefused:
    "设备拒绝 {own} 与 {device} 之间的 ISO 连接[（{detail}）]：请将两个 TSAP 与设备的连接对照，我方的 TSAP 在那里是伙伴的。",
  otherDialect: "收到的是 {dialect}：请将协议设为它。",
  noStart: "没有以 {start} 开头的帧：请将 startHex 设为设备的设置，或设为 null。",
  otherEnd: "没有以 {ends} 结尾的帧，收到的是 {end}：请将 endHex 设为它。",
  settings: "用 {settings} 可以完整读出收到的内容：请设置 preset 或 dialect。",
  badMessage: "有一条消息无法接受：{detail}",
  sparkplug:
    "{topics} 上是 Sparkplug B，没有任何方言能读取：其数值是采样所得，不带包裹经过的时刻。请让网关改为发布自己的 JSON，每个事件一条消息，不使用 retain：json-map 可读取任意格式的扫码器消息，sortline-json 读取我们自己的消息。",
  unreadTopics:
    "有消息发布在不被读取的主题 {topics} 上，而被读取的主题 {silent} 上没有消息：请让设备发布到后者；方言为映射时，也可在其中写明设备的主题。",
  otherTopics: "{base} 下没有消息，但以下主题上有：{topics}。其中是否有该设备的主题？",
  retainedOnly: "{base} 下被读取的主题只有保留消息，无人知道其时间：请在设备上关闭 retain。",
  silentBroker:
    "已连接到消息服务器，{seconds} 秒内 {base} 下和别处都没有消息：设备是否连接到这台消息服务器？",
  noNamespace: "服务器没有该命名空间：{detail}。请将 namespaceUri 设为其中之一。",
  noNode: "服务器没有某个节点：{detail}",
  readOnly: "服务器不允许写入：{detail}。请为本机用户开通写权限。",
  misfit: "服务器上的内容与映射不符：{detail}",
  notTrusted: "还没有人信任过该服务器。请运行上面的命令，与设备自身显示的 SHA-256 核对后回答 yes。",
  certificateRenewed:
    "服务器出示了名称相同、日期较新的证书。如果确已更新，请运行上面的命令并与设备自身显示的 SHA-256 核对；如果没有人更新过，则有别人在该处应答。",
  certificateForeign:
    "该地址此前信任的是另一张证书：{detail}。地址是否正确？如果设备已更换，用 npm run trust 加 --replace 信任新证书。",
  certificateOtherName:
    "证书是为另一个程序签发的：{detail}。设备更名或更换地址后，请让它重新生成证书。",
  certificateExpired:
    "过期的证书无论如何不能信任：{detail}。请在设备上更新证书，再用 npm run trust 信任。",
  certificateNotYetValid: "证书尚未生效：{detail}。请核对设备与本机的时钟，其中一个有误。",
  ourCertificateRefused:
    "服务器不接受本机证书。它现在应在服务器的拒绝列表中：请在那里信任名为 Sortline 的证书。",
  securityNotOffered:
    "配置要求的安全方式对方没有：{detail}。请在服务器上启用；不会自动改用较弱的方式。",
  secretFile: "该文件无法使用：{address}：{detail}",
  accessDenied: "对方不接受我们的身份：{detail}。请核对用户、密码文件以及服务器接受的方式。",
  brokerNotTrusted:
    "本机不认识代理服务器证书的签发者：{detail}。请在 tls.caFile 中写明签发机构的文件；不写则只信任公共机构。",
  brokerExpired: "代理服务器的证书已过期：{detail}。请在代理服务器上更新。",
  brokerOtherName:
    "代理服务器的证书适用于别的名称：{detail}。请在 brokerUrl 中改用其中之一，或为此名称签发证书。",
  brokerRefusesOurs:
    "代理服务器要求本机证书，但没有收到可接受的：{detail}。请检查 tls.certificateFile 以及对方信任的机构。",
  brokerNoTls: "该端口没有 TLS：{detail}。代理服务器的 TLS 通常在单独的端口，多为 8883。",
  silentRegisters:
    "已连接并已询问，{seconds} 秒内一个字节也没有收到。请核对 unitId、framing、波特率和校验位；RS-485 上 A、B 两线可能接反。设为 Modbus ASCII 的设备同样不会应答。",
  modbusAscii: "收到的是 Modbus ASCII，其校验只有一个字节：请将设备设为 RTU、8 位数据位。",
  wordOrder:
    "{keys}：其变化总是 65,536 的整数倍，说明另一个寄存器在前。请更改此处的 wordOrder，并检查其他变量。",
  lifeStands:
    "life.fromPlc 始终为 {value}，因此没有皮带的消息。控制器程序是否在运行，它改变的是否为此变量？",
  echoMissing: "已写入 echo.toPlc，但 echo.fromPlc 从未显示该值。控制器程序是否把前者复制到后者？",
  silentServer: "服务器已全部授权，但设备 {seconds} 秒内没有任何消息。",
} as const;

export const probe = {
  counted: "已接受 {good} 条消息，未接受 {discarded} 条",
  notShown: "另有 {total} 行未显示。",
} as const;

export const probeLife = {
  notHeard: "{seconds} 秒内没有皮带的消息[：{why}]。请先不带 --life 查看该设备。",
  beltRuns: "皮带在运行：此时皮带上不应有任何物品。",
  notSent: "分拣指令无法发出（{why}）。",
  accepted: "有我方生命信号时，分拣指令被接受；其位置足够远，不会有任何动作。",
  notAccepted: "有我方生命信号时，分拣指令未被接受[（{why}）]，因此没有可取消的指令。",
  cancelled: "我方生命信号停止，{ms} 毫秒后该指令因此被取消。",
  notCancelled:
    "我方生命信号停止，{ms} 毫秒后该指令仍未取消：life.toPlc 超过 1,500 毫秒不变时，控制器必须取消所有待执行指令，并让所有摆臂复位。",
  cancelledOtherwise:
    "我方生命信号停止，{ms} 毫秒后该指令被取消，但原因不同（{why}）：控制器必须说明是因为没有生命信号。",
  fired: "我方生命信号停止，{ms} 毫秒后该指令却报告已执行：没有生命信号时，控制器不得有任何动作。",
  refusedWithout: "没有我方生命信号时，分拣指令因此被拒绝。",
  notRefusedWithout:
    "没有我方生命信号时，分拣指令没有因此被拒绝[（{why}）]：此时控制器不得接受任何指令。",
  back: "我方生命信号恢复后，分拣指令又被接受。",
  notBack: "我方生命信号恢复后，分拣指令未被接受[（{why}）]：控制器是否看到 life.toPlc 在变化？",
  inOrder: "一切符合要求。摆臂是否复位无法在此读出，请到现场查看。",
  notInOrder: "并非一切符合要求：产线不得这样运行。",
} as const;
