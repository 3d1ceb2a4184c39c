// The page's style sheet: light and dark by the reader's setting, one column on a phone,
// nothing loaded from elsewhere.
#pragma once

namespace lmc::report {

inline constexpr char kStyle[] = R"(
:root{color-scheme:light dark;--paper:#fff;--ink:#1b1f24;--quiet:#5b6470;--line:#d5dae1;--card:#f6f7f9;
--right:#116b35;--wrong:#a62121;--notice:#fff3d6;--notice-line:#c98a00;
--s0:#0b62b8;--s1:#b4480c;--s2:#0a7a5c;--s3:#7a3fb0;--s4:#8a6d00;--s5:#b0266e}
@media (prefers-color-scheme:dark){:root{--paper:#14171b;--ink:#e8ebee;--quiet:#a3adb8;--line:#39414b;
--card:#1d2127;--right:#6fd394;--wrong:#ff9a94;--notice:#3a2f12;--notice-line:#e0aa3a;
--s0:#6bb1f7;--s1:#f2a06a;--s2:#4fd0aa;--s3:#c39af0;--s4:#dcc04a;--s5:#f28bc0}}
*{box-sizing:border-box}
body{margin:0 auto;max-width:68rem;padding:1rem 1.25rem 4rem;background:var(--paper);color:var(--ink);
font:16px/1.55 system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif}
h1{font-size:1.8rem;line-height:1.2;margin:.5rem 0 .25rem}
h2{font-size:1.25rem;margin:2.5rem 0 .75rem;padding-bottom:.25rem;border-bottom:1px solid var(--line)}
h3{font-size:1.02rem;margin:1.2rem 0 .5rem;font-weight:600}
h4{font-size:.9rem;margin:0}
p{margin:.4rem 0;max-width:52rem}
.quiet{color:var(--quiet);font-size:.86rem}
.notice{background:var(--notice);border-left:4px solid var(--notice-line);padding:.5rem .9rem;margin:.7rem 0;
max-width:none}
table{border-collapse:collapse;width:100%;font-variant-numeric:tabular-nums}
th,td{padding:.45rem .7rem .45rem 0;border-bottom:1px solid var(--line);text-align:right;vertical-align:middle}
th{font-size:.82rem;font-weight:600;color:var(--quiet)}
th:first-child,td:first-child,th.bar-cell{text-align:left}
td{white-space:nowrap}
td b{white-space:nowrap}
td.name{white-space:normal}
td.bar-cell{min-width:12rem;width:26%}
th.bar-cell{padding-left:.4rem}
.name{font-weight:600}
.key{display:inline-block;width:.8rem;height:.8rem;border-radius:2px;margin-right:.45rem;vertical-align:-.05rem;
background:currentColor}
svg{display:block;max-width:100%;height:auto}
svg text{font-size:12px;fill:var(--quiet)}
.bar{fill:currentColor;stroke:none}
.gold{fill:none;stroke:var(--quiet);stroke-width:1.5}
.axis{stroke:var(--quiet);stroke-width:1}
.grid{stroke:var(--line);stroke-width:1}
.baseline{stroke:var(--ink);stroke-width:1.5;stroke-dasharray:3 3}
.curve{fill:none;stroke:currentColor;stroke-width:2.5}
.curve.faint{stroke-width:1;opacity:.3}
.spread{stroke:currentColor;stroke-width:1.6}
.dot{fill:currentColor;stroke:currentColor;stroke-width:2}
.series0{color:var(--s0)}.series1{color:var(--s1)}.series2{color:var(--s2)}
.series3{color:var(--s3)}.series4{color:var(--s4)}.series5{color:var(--s5)}
.series6{color:var(--s0)}.series7{color:var(--s1)}.series8{color:var(--s2)}
.series9{color:var(--s3)}.series10{color:var(--s4)}.series11{color:var(--s5)}
:is(.series6,.series7,.series8,.series9,.series10,.series11) .dot{fill:var(--paper)}
.key:is(.series6,.series7,.series8,.series9,.series10,.series11){background:none;border:3px solid}
.curve:is(.series6,.series7,.series8,.series9,.series10,.series11){stroke-width:1.5}
.curve.series1,.curve.series7{stroke-dasharray:8 3}.curve.series2,.curve.series8{stroke-dasharray:3 3}.curve.series3,.curve.series9{stroke-dasharray:9 3 2 3}
.curve.series4,.curve.series10{stroke-dasharray:14 4}.curve.series5,.curve.series11{stroke-dasharray:2 5}
.headline{font-size:1.45rem;line-height:1.3;font-weight:650;margin:.2rem 0 .5rem;max-width:none;text-wrap:balance;
overflow-wrap:anywhere}
section[aria-labelledby=findings] h2{margin:1.2rem 0 .6rem}
.findings{display:grid;grid-template-columns:minmax(0,3fr) minmax(0,2fr);gap:1.5rem 2.2rem;align-items:start;margin-top:.8rem}
.findings h3{margin:0 0 .4rem}
.standing{list-style:none;margin:0;padding:0}
.standing li{padding:.2rem .6rem .25rem;margin:0 -.6rem;border-radius:8px}
.standing li.subject{background:var(--card)}
.standing p{margin:0}
.standing .who{display:flex;justify-content:space-between;gap:1rem;line-height:1.35;overflow-wrap:anywhere}
.standing .who b{white-space:nowrap;font-variant-numeric:tabular-nums}
.standing .subject .who{font-weight:600}
.standing .quiet{font-size:.78rem;line-height:1.3}
.standing .key,.map .key{margin-left:0}
svg.track{width:100%;height:18px;margin:-.1rem 0;overflow:visible}
.rail{fill:var(--line)}
.band{fill:currentColor;opacity:.32}
.seed{fill:none;stroke:currentColor;stroke-width:1.5}
.track .dot{stroke:var(--paper);stroke-width:1.5}
:is(.series6,.series7,.series8,.series9,.series10,.series11) .track .dot{stroke:currentColor;stroke-width:2.5}
.scale{position:relative;height:1.2rem;max-width:none;margin:.1rem 0 .4rem;font-size:.75rem;color:var(--quiet);
border-top:1px solid var(--line);font-variant-numeric:tabular-nums}
.scale span{position:absolute;left:0}
.scale span:nth-child(2){left:25%}.scale span:nth-child(3){left:50%}.scale span:nth-child(4){left:75%}
.scale span:nth-child(n+2):nth-child(-n+4){transform:translateX(-50%)}
.scale span:last-child{left:auto;right:0}
.cards{display:grid;gap:.8rem}
.finding{background:var(--card);border-left:4px solid var(--s0);border-radius:0 8px 8px 0;padding:.65rem .95rem}
.finding h3{font-size:.86rem;color:var(--quiet);font-weight:600;margin:0}
.finding p{margin:.15rem 0;line-height:1.4;overflow-wrap:anywhere}
.finding .quiet{font-size:.82rem;margin-top:.3rem}
.formula{display:block;font-weight:400;font-size:.78rem;line-height:1.35;max-width:26rem}
tr.group th{text-align:left;padding-top:1rem;font-size:.95rem;color:var(--ink);border-bottom:2px solid var(--line)}
.scroll{overflow-x:auto;margin:.8rem 0}
.scroll:focus-visible,pre:focus-visible{outline:2px solid var(--s0);outline-offset:2px}
caption{text-align:left;font-size:.88rem;font-weight:600;padding-bottom:.3rem}
tbody th{font-size:1rem;color:var(--ink);overflow-wrap:anywhere;min-width:9rem}
td.text,th.text{text-align:left;white-space:normal}
td.text{overflow-wrap:anywhere;min-width:7rem}
nav ul,ul.plain{list-style:none;padding:0;margin:.6rem 0}
nav ul{display:flex;flex-wrap:wrap;gap:.2rem 1.1rem}
a{color:var(--s0)}
ul.legend{list-style:none;padding:0}
.legend{display:flex;flex-wrap:wrap;gap:.2rem 1.2rem;font-size:.88rem;margin:.3rem 0}
.legend b{color:var(--ink);font-weight:500}
.histograms{display:grid;grid-template-columns:repeat(auto-fill,minmax(14rem,1fr));gap:1rem}
.histograms figure,.charts figure{margin:0}
figcaption{font-size:.88rem;font-weight:600}
.histogram{max-width:15rem}
.charts{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(26rem,100%),1fr));gap:1.2rem}
.plot{width:100%;max-width:34rem}
.plot text{font-size:13px}
.maps{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(14rem,100%),1fr));gap:1.2rem}
.map{margin:0;font-size:.84rem}
.map figcaption,.map .quiet{font-size:.8rem;line-height:1.4}
.mapped{position:relative;background:#808080}
.mapped img{display:block;width:100%}
.mapped svg{position:absolute;inset:0;width:100%;height:100%}
.mapped.bare{min-height:16rem}
.mapped rect.for{fill:#ff8c00}.mapped rect.against{fill:#2e7dff}
.mapped rect.box{fill:none;stroke:#5dfdcb;stroke-width:2;vector-effect:non-scaling-stroke}
.map label{margin-right:.8rem}
.map:has(.of-occlusion:not(:checked)) .mapped .occlusion{display:none}
.map:not(:has(.of-relevance:checked)) .mapped .relevance{display:none}
.probabilities{list-style:none;display:flex;flex-wrap:wrap;gap:0 .8rem;padding:0;margin:.1rem 0;font-size:.82rem;
color:var(--quiet);font-variant-numeric:tabular-nums}
.filters{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(15rem,100%),1fr));gap:.6rem 1rem}
.filters label{display:grid;font-size:.86rem;color:var(--quiet)}
.filters :is(select,input),.pager button{font:inherit;color:var(--ink);background:var(--card);min-width:0;
border:1px solid var(--quiet);border-radius:6px;padding:.35rem .6rem;width:100%}
.pager{display:flex;flex-wrap:wrap;gap:.5rem;align-items:center;max-width:none}
.pager button{width:auto;cursor:pointer}
.pager button:disabled{color:var(--quiet);border-style:dashed;cursor:default}
.example{border:1px solid var(--line);border-radius:8px;background:var(--card);padding:1rem;margin:0 0 1rem}
.asked{display:flex;gap:1.1rem;align-items:flex-start}
.asked h3{margin-top:0}
.asked>div{flex:1;min-width:0}
.picture{width:11rem;flex:none;border-radius:4px;overflow-wrap:anywhere}
.options{list-style:none;margin:.3rem 0;padding:0}
.options li{padding:.12rem .4rem}
.options .is-gold{border-left:3px solid var(--right);margin-left:-3px;font-weight:600}
.options em{font-style:normal;font-weight:600;font-size:.78rem;color:var(--right)}
.replies{display:grid;grid-template-columns:repeat(auto-fit,minmax(13rem,1fr));gap:.8rem 1.2rem;margin-top:.9rem}
.replies section{border-top:3px solid currentColor;padding-top:.4rem;min-width:0}
.replies h4,.replies p{color:var(--ink)}
.replies .quiet{color:var(--quiet)}
.verdict{margin:.1rem 0;font-size:.9rem}
.right{color:var(--right)}.wrong,.error{color:var(--wrong)}
.reply{white-space:pre-wrap;overflow-wrap:anywhere;font-size:.88rem;line-height:1.45}
details{margin:.5rem 0}
summary{cursor:pointer}
pre{white-space:pre-wrap;overflow-wrap:anywhere;font-size:.8rem;background:var(--card);padding:.7rem;border-radius:6px}
@media (max-width:42rem){
body{padding:1rem .9rem 3rem}
h1{font-size:1.45rem}
table,tbody,tr,td,tbody th,caption{display:block;width:100%}
thead{position:absolute;left:-999rem}
tr{border:1px solid var(--line);border-radius:8px;padding:.5rem .8rem;margin-bottom:.7rem;background:var(--card)}
tbody th{border:0;padding:.1rem 0;text-align:left}
td,td:first-child{display:flex;justify-content:space-between;gap:1rem;border:0;padding:.15rem 0;text-align:right}
td::before{content:attr(data-label);flex:none;max-width:50%;color:var(--quiet);font-size:.86rem;text-align:left}
td.bar-cell{display:block;width:100%}
td{white-space:normal;overflow-wrap:anywhere}
td.text{text-align:right;min-width:0}
.plot text{font-size:15px}
td.bar-cell::before,td.name::before{content:none}
.findings,.cards{grid-template-columns:minmax(0,1fr)}
.headline{font-size:1.2rem}
tr.group{border:0;background:none;padding:.6rem 0 0;margin:0}
tr.group th{display:block;border:0;padding:0}
.scroll{overflow-x:visible}
td.name{display:block;text-align:left}
.asked{display:block}
.picture{width:100%;max-width:20rem;margin-bottom:.7rem}}
@media print{body{max-width:none;font-size:10.5pt;padding:0}.example,figure,tr,.standing li,.finding{break-inside:avoid}
h2{break-after:avoid}*{print-color-adjust:exact;-webkit-print-color-adjust:exact}}
)";

}  // namespace lmc::report
