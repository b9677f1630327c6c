//! What the stories of the evaluation are made of: sentences with choices in them.
//!
//! `{a|b}` is a choice; `$p` a person, `$c` a town, `$o` an office, `$k` a firm, `$n` a number,
//! `$d` a day. Stories of one beat draw from the same sentences, as those of a newsroom do.

/// The sentences of one beat.
pub struct Beat {
    pub sentences: &'static [&'static str],
}

pub const HAN_OPENINGS: &[&str] = &[
    "本网$c$d电（记者 $p）记者$d从$o举行的新闻发布会上获悉，",
    "本网$c$d电（记者 $p $p）$d，",
    "$o{新闻发言人|有关负责人}$p$d在此间{表示|介绍}，",
    "{日前|近日|连日来}，记者{走进|来到|探访}$c，",
];

pub const HAN_CLOSINGS: &[&str] = &[
    "下一步，$o将{继续|进一步}{加大工作力度|完善工作机制|压实各方责任}，{推动|促进}相关工作{落到实处|取得新成效}。（完）",
    "{据悉|据了解}，{相关工作|后续事项}正在{有序推进|抓紧进行}之中。（完）",
    "$p说，他对$c的{明天|未来}充满{信心|期待}。（完）",
];

pub const HAN_ANYWHERE: &[&str] = &[
    "$p{告诉记者|介绍说|在接受记者采访时表示}，{过去|前些年}这里{人多地少|交通不便|位置偏僻}，{大家|乡亲们|同事们}{心里都没底|不敢多想|一年到头忙不停}，{如今|现在}{情况大不一样|变化看得见|日子好过多了}。",
    "“{这在以前想都不敢想|一开始谁也没有把握|我们等这一天等了$n年}，”{今年$n岁的|来自$c的|现场的}$p{笑着说|感慨道|说}，“{孩子们|老人们|街坊们}{最高兴|得实惠|看在眼里}。”",
    "$o{的统计|的数据|提供的资料}显示，$d以来，{全市|当地|全县}共{办理|受理|完成}{相关事项|各类申请|有关业务}$n件，{比上年同期|较上月|与去年相比}{增加|减少|增长}$n件。",
    "业内人士{认为|指出|分析}，{这一做法|此举|上述变化}{既有利于|有助于|不仅能}{降低成本|稳定预期|提高效率}，{也|还|同时}{考验着|需要|依赖}{基层的执行能力|企业的长期投入|公众的理解和配合}。",
    "{会议|座谈会|现场会}{强调|指出|要求}，要{坚持问题导向|突出重点|统筹兼顾}，{在$n个方面|用$n个月时间|分$n步}{把短板补齐|把底数摸清|把责任落实}，{确保|力争|务必}{按期完成|群众满意|不出差错}。",
    "{对此|为此|针对这一情况}，$o{已经|随即|连夜}{派出|组织|抽调}{$n名|$n余名}{工作人员|技术骨干|志愿者}{赶赴|进驻|前往}$c{开展工作|了解情况|提供帮助}。",
    "{上午|下午|傍晚}$n时许，{记者在现场看到|现场}，{工人们|工作人员|市民}{三三两两|有条不紊|热热闹闹}地{忙碌着|走动|排着队}，{一旁的|不远处的|门口的}{告示牌|电子屏|黑板}上写着“$c$n号”。",
];

pub const HAN_BEATS: &[Beat] = &[
    Beat {
        // transport
        sentences: &[
            "{全长|总长}$n公里的$c至$c{铁路|高速公路|快速路}{将于|计划于|定于}$d{开通|通车|投入运营}，{设|共设}{车站|收费站|出入口}$n座。",
            "{线路开通后|通车以后|届时}，两地之间的{行车时间|通行时间|车程}将由$n分钟{缩短|压缩}至$n分钟。",
            "$k{承建|负责施工}的{控制性工程|特大桥|隧道}位于$c{境内|以东|近郊}，{最大埋深|主跨|桥高}$n米，{施工人员|建设者}先后{攻克|解决}了{岩爆|涌水|大风}等{难题|困难}。",
            "{春运|暑运|小长假}期间，$c{火车站|汽车站|机场}预计{发送|运送}旅客$n万人次，{日均|单日最高}$n万人次。",
            "$o{提醒|建议}旅客{合理安排行程|提前查询车次|错峰出行}，{乘坐|搭乘}$n路{公交车|摆渡车}可{直达|抵达}{站前广场|候车大厅}。",
            "司机$p跑{这条路|这条线}已经$n年，他{记得|说}{最早|当初}{一个来回|跑一趟}要{$n个小时|大半天}，{遇上|碰到}{大雪|塌方|堵车}就只能{在车里过夜|绕道$c|干等}。",
            "{据测算|按照设计}，{新线|新路}{年输送能力|日均车流量}可达$n万{人次|辆次|吨}，{带动|惠及}沿线$n个{乡镇|村|街道}。",
            "$k{副总经理|总工程师|项目经理}$p{说|介绍}，{钢轨|箱梁|桥塔}{全部采用|首次使用}{国产|自主研制的}{设备|材料}，{误差|偏差}控制在$n毫米以内。",
        ],
    },
    Beat {
        // economy
        sentences: &[
            "{今年一季度|上半年|前$n个月}，$c{规模以上工业增加值|社会消费品零售总额|外贸进出口总值}{同比增长|增长}$n%，{增速|增幅}{高于|低于}{全省|全国}平均水平$n个百分点。",
            "$k{董事长|负责人|销售经理}$p{说|坦言}，{订单|排产}已经{排到|签到}$d，{车间|生产线}{两班倒|满负荷运转}。",
            "{营商环境|政务服务}{持续优化|不断改善}，$c{新登记|新增}{经营主体|企业}$n户，其中{个体工商户|民营企业}占$n%。",
            "$o{出台|印发}《$c{促进民营经济|支持制造业|稳外贸}若干措施》，{从$n个方面|共$n条}{为企业减负|给企业松绑|解决融资难题}。",
            "{位于|坐落在}$c的{产业园|开发区|保税区}内，{投资|总投资}$n亿元的{电池|芯片|医药}项目{已经封顶|进入设备安装阶段|正式投产}。",
            "$k{每年|今年}拿出{营业收入|利润}的$n%{用于研发|投入技术改造}，{拥有|申请}专利$n项，{产品|零件}{远销|出口到}$n个国家和地区。",
            "{银行|信贷员}{上门|主动}{对接|走访}，$n天内就{放款|批下}$n万元，$p{松了一口气|没有想到这么快}。",
            "{专家|学者}$p{认为|提醒}，{外部环境|市场需求}{仍有不确定性|变化较快}，{企业|地方}{不宜盲目扩张|应当练好内功|要看长远}。",
        ],
    },
    Beat {
        // weather
        sentences: &[
            "$o$d$n时{发布|继续发布}{暴雨|大风|寒潮|高温}{蓝色|黄色|橙色}预警，预计未来$n小时$c{大部|北部|沿海}将出现{强降水|$n级阵风|明显降温}。",
            "{截至|到}$d$n时，{累计|过程}降水量{最大|较大}的{站点|乡镇}为$c{站|镇}，{达|有}$n毫米。",
            "{受冷空气影响|受台风外围云系影响|受高空槽影响}，{气温|最低气温}将下降$n至$n摄氏度，{山区|高海拔地区}{有|可能有}{雨夹雪|道路结冰|大雾}。",
            "{气象|防汛}专家$p{提醒|建议}，{公众|市民}要{减少外出|及时添衣|远离河道}，{农户|菜农}应{加固大棚|抢收作物|疏通沟渠}。",
            "$c{水库|河段}水位{上涨|回落}至$n米，{超过|低于}{汛限水位|警戒水位}$n米，$o{已开启|关闭}$n孔{闸门|泄洪洞}。",
            "{当地|全县}{转移|安置}群众$n人，{设置|开放}{安置点|避险场所}$n处，{目前|截至发稿}{无人员伤亡|道路已抢通|电力已恢复}。",
            "{与常年同期相比|历史资料显示}，{今年|本月}$c{平均气温|降水日数}{偏高|偏多|偏少}$n{度|天|成}，为$n年来{第二|第三|同期最高}。",
        ],
    },
    Beat {
        // culture
        sentences: &[
            "$c{博物馆|美术馆|图书馆}{新展|特展}“{江上|山间|港口}$n年”{开展|开幕}，{展出|汇集}{文物|作品|古籍}$n件（套），其中$n件{首次公开展出|系首次亮相|为借展}。",
            "{策展人|馆长}$p{介绍|说}，展览分为$n个{单元|部分}，{讲述|再现}了{先民|船工|匠人}{怎样|如何}{制陶|造船|织布}。",
            "{非遗传承人|老艺人}$p从{艺|事}$n年，{收徒|带徒}$n人，{最小的|最年轻的}{只有|今年}$n岁。",
            "{演出|音乐节|戏曲周}将持续{至$d|$n天}，{票价|门票}{最低|统一}$n元，{学生|老人}{半价|免费}。",
            "{考古人员|研究人员}在$c{遗址|墓群}{清理出|发现}{灰坑|房址|墓葬}$n座，{出土|采集}{陶片|铜器|简牍}$n余件，{年代|时代}{距今|约为}$n年。",
            "{观众|游客}$p{专程|带着孩子}从$c{赶来|坐车来}，{在|站在}{一幅|一件}{长卷|漆器|木雕}前{停留了|看了}$n分钟。",
            "{假期|周末}{首日|三天}，$c{接待游客|入馆观众}$n万人次，{旅游收入|文创销售额}$n万元，{同比|较上年}{增长|提高}$n%。",
        ],
    },
    Beat {
        // sport
        sentences: &[
            "{联赛|杯赛}第$n轮{昨晚|$d}{继续进行|战罢}，$c队{主场|客场}以$n比$n{战胜|不敌|战平}$c队。",
            "{开场|上半场|易边再战}第$n分钟，$p{接|得到}$p{传球|角球|直塞}{头球|低射|凌空}{破门|得分}，{打破僵局|扳平比分|扩大优势}。",
            "{主教练|助理教练}$p{赛后|在发布会上}{说|表示}，{球队|队员们}{体能|状态}{下降|不错}，{下一场|接下来}{要|必须}{把握机会|减少失误|做好防守}。",
            "{现场|看台上}$n名{球迷|观众}{冒雨|齐声}{助威|高歌}，{终场哨响|比赛结束}后{迟迟不愿离去|掌声不断}。",
            "{凭借|靠着}这场{胜利|平局}，$c队积$n分，{暂列|升至}积分榜第$n位，{距离|落后}榜首$n分。",
            "$n岁的{小将|老将|门将}$p{本赛季|首次}{代表|为}$k队{出场|登场}$n次，{打入|扑出}$n{球|个点球}。",
            "$c{马拉松|自行车赛|龙舟赛}将于$d{鸣枪|开赛}，{共有|吸引}来自$n个{省份|国家}的$n名{选手|爱好者}{报名|参加}。",
        ],
    },
    Beat {
        // farming
        sentences: &[
            "{眼下|时下}，$c{$n万亩|$n余亩}{水稻|油菜|柑橘}{进入|迎来}{采收期|灌浆期|移栽期}，{田间|果园里}{机声隆隆|一派忙碌|笑语不断}。",
            "{种粮大户|合作社理事长|果农}$p{流转|种了}$n亩地，{今年|这一季}{亩产|亩均收入}{预计|可达}$n{公斤|元}。",
            "{农技员|专家}$p{每周|隔三差五}{下田|进村}$n次，{教|指导}农户{科学施肥|防治病虫害|修枝整形}。",
            "{电商|冷链}{进村|到田头}后，{一箱|一筐}{脐橙|辣椒|蘑菇}{最快|只要}$n小时就能{送到|摆上}$c{市民的餐桌|的超市}。",
            "$c{投入|整合}资金$n万元，{建成|改造}{高标准农田|灌溉渠|机耕道}$n{亩|公里}，{亩均|每年}{节水|省工}$n%。",
            "{村党支部书记|驻村干部}$p{算了一笔账|扳着手指说}：{光是|仅}{加工|民宿|采摘}一项，{村集体|全村}{一年|去年}就{增收|分红}$n万元。",
            "$k{与|同}$n户农户{签订|续签}{收购协议|订单}，{保底价|收购价}每{公斤|斤}$n元，{解决了|打消了}{卖难|后顾之忧}。",
        ],
    },
];

pub const LATIN_OPENINGS: &[&str] = &[
    "$c, $d (Seaward News) -- ",
    "$o said on $d that the matter was {urgent|settled|under review}. ",
    "According to a statement released by $o on $d, ",
];

pub const LATIN_CLOSINGS: &[&str] = &[
    "$o did not immediately respond to a request for comment.",
    "The {work|talks|review} {will|is expected to} {continue|resume} on $d, $p said.",
    "A spokesperson for $k declined to comment further.",
];

pub const LATIN_ANYWHERE: &[&str] = &[
    "\"{We never thought|Nobody here believed|I did not expect} {it would come|we would see this} {after $n years|so soon}, and {the whole street|my family|every shop} {is talking about it|has noticed},\" said $p, {a resident of $c|who is $n|a former teacher}.",
    "{Figures from|Data published by} $o show {some|about} $n {cases|requests|permits} {since|before} $d, {up|down} $n percent {on the year|from the month before}.",
    "{Analysts|Critics|Supporters} {say|argue|warn} the {plan|change|decision} {could|may well} {cut costs|raise expectations|leave gaps} {while|even as} {local staff|smaller firms|families} {wait for|depend on|pay for} {the details|public money|the rest}.",
    "{At a meeting in|Speaking from} $c, $p {listed|set out} $n {steps|conditions|goals} and {asked|urged} {colleagues|the public|members} to {be patient|send comments by $d|read them closely}.",
    "{More than|Nearly|Fewer than} $n {people|volunteers|officials} {gathered|waited|queued} outside {the hall|the gates|the station} in $c {on the morning of|late on} $d.",
];

pub const LATIN_BEATS: &[Beat] = &[
    Beat {
        // harbour
        sentences: &[
            "The {ferry|pilot boat|dredger} {will carry|can take} $n {passengers|containers|cars} between $c and $c {each day|every $n hours} {from|after} $d.",
            "$k, which {runs|owns} $n {berths|cranes|tugs}, {plans|has agreed} to spend $n million on {a new quay|deeper water|shore power}.",
            "{Dockers|Crews|Pilots} {led by $p|from $c} {voted|decided} by $n to $n to {accept|reject} {the offer|longer shifts|a pay rise of $n percent}.",
            "{Traffic|Freight} through $c {rose|fell} to $n thousand tonnes, {the most|the least} in $n years, {harbour master|manager} $p said.",
            "{Fog|A storm|Low tide} {kept|held} $n ships {outside|off} $c for $n hours {before|until} {the channel|the lock} {reopened|was cleared}.",
            "{Fishermen|Boat owners} such as $p {fear|hope} that {noise|dredging|the new wall} will {drive away|bring back} {herring|crabs|visitors} {within|for} $n years.",
        ],
    },
    Beat {
        // council
        sentences: &[
            "The {council|assembly} in $c {approved|delayed|rejected} a budget of $n million by $n votes to $n on $d.",
            "{Councillor|Mayor} $p {wants|promised} $n new {homes|buses|school places} by $d, {paid for|backed} by {a levy of $n percent|$k|a loan}.",
            "{Residents|Tenants|Traders} in $c {collected|handed in} $n signatures against {the car park|higher rents|the closure of a library}.",
            "$o {found|reported} that $n of $n {bridges|playgrounds|lifts} {need repair|are unsafe|were never checked}.",
            "{Opposition|Independent} member $p {called|described} the {figures|timetable} {\"a guess\"|\"too neat\"|\"late by $n months\"} and {left|abstained|asked for a recount}.",
            "{Work|Demolition} on the {market hall|old baths|ring road} {starts|ends} on $d and {costs|saves} {about|at least} $n thousand, {engineer|surveyor} $p said.",
        ],
    },
    Beat {
        // match
        sentences: &[
            "$c {beat|drew with|lost to} $c $n-$n {in front of|before} $n {spectators|fans} {on|late on} $d.",
            "$p {scored|headed in|converted} {in the $n minute|after a corner from $p|from $n metres} to {level|settle|open} the {game|match|tie}.",
            "{Coach|Captain} $p {blamed|praised} {the pitch|a young bench|tired legs} and {said|insisted} $n {points|wins} {were still enough|would do} {this season|by $d}.",
            "{Goalkeeper|Striker} $p, $n, {signed|returned} from $k {for|after} $n {months|matches} {injured|on loan}.",
            "The {club|side} {is|stands} {fourth|sixth|ninth} with $n points, $n {behind|ahead of} $c, with $n {rounds|games} {left|to play}.",
            "{Referee|Official} $p {showed|issued} $n cards, {one of them|the last} {for|after} {a foul on $p|dissent|time-wasting}.",
        ],
    },
];

pub const HAN_TOWNS: &[&str] = &[
    "绵州", "临浦", "青屿", "石濑", "云栈", "南汀", "清渡", "白岬", "龙坪", "安陂", "长汊", "东堰",
    "沙津", "雁滩", "广汭", "丹崖",
];
pub const HAN_OFFICES: &[&str] = &[
    "市交通运输局",
    "市人民政府新闻办公室",
    "省统计局",
    "市农业农村局",
    "省气象台",
    "市文化和旅游局",
    "县应急管理局",
    "市市场监督管理局",
    "市体育发展中心",
    "省发展研究院",
];
pub const HAN_FIRMS: &[&str] = &[
    "海岳集团",
    "川合精工",
    "远浦物流",
    "青禾食品",
    "明澜科技",
    "恒渡建设",
    "北汀电力",
    "雁翎纺织",
    "瑞陂医药",
    "同舟船舶",
];
pub const SURNAMES: &[&str] = &[
    "赵", "钱", "孙", "李", "周", "吴", "郑", "王", "冯", "陈", "褚", "卫", "蒋", "沈", "韩", "杨",
    "何", "吕", "施", "张",
];
pub const GIVEN: &[&str] = &[
    "海", "明", "惠", "君", "立", "春", "岚", "子", "航", "文", "静", "远", "晓", "东", "国", "庆",
    "雨", "桐", "思", "佳",
];
pub const LATIN_TOWNS: &[&str] = &[
    "Eastmere",
    "Port Hallow",
    "Dunwick",
    "Saltby",
    "Greyhaven",
    "Marlow Sands",
    "Thornquay",
    "Kelby",
    "Wrenford",
    "Oldcastle Bay",
];
pub const LATIN_OFFICES: &[&str] = &[
    "the Harbour Board",
    "the Department of Works",
    "the National Audit Bureau",
    "the Coastal Council",
    "the Ministry of Sport",
    "the Housing Office",
];
pub const LATIN_FIRMS: &[&str] = &[
    "Norvane Lines",
    "Helder & Sons",
    "Bluewater Freight",
    "Castell Group",
    "Orrin Estates",
    "Quayside United",
];
pub const FORENAMES: &[&str] = &[
    "Mara", "Tobias", "Ines", "Callum", "Ruth", "Edvard", "Nadia", "Owen", "Petra", "Silas",
];
pub const FAMILY: &[&str] = &[
    "Ashdown", "Brandt", "Corrie", "Dahl", "Ellery", "Fenn", "Garrow", "Holt", "Ivers", "Joyce",
    "Kerr", "Lund",
];
pub const MONTHS: &[&str] = &[
    "January", "March", "April", "June", "August", "October", "November",
];
