import { chromium } from "@playwright/test";
const b=await chromium.launch({executablePath:"/usr/bin/chromium",args:["--no-sandbox","--disable-gpu"]});
for (const [w,h,scheme] of [[390,844,'dark'],[1280,900,'dark']]) {
const p=await b.newPage({viewport:{width:w,height:h},colorScheme:scheme});
await p.goto('http://127.0.0.1:8133/backtest?symbol=NIFTY&timeframe=1d&strategy=macd');
await p.waitForFunction(()=>/%/.test(document.querySelector('.headline dd').textContent));await p.waitForTimeout(1200);
await p.evaluate((w)=>scrollTo(0,w<500?700:0),w);await p.waitForTimeout(300);
await p.screenshot({path:`/tmp/labsrv/s-${w}-${scheme}.png`});
if(w<500){await p.evaluate(()=>document.querySelector('.lab-chart').scrollIntoView({block:'center'}));await p.waitForTimeout(300);await p.screenshot({path:`/tmp/labsrv/s-${w}-chart.png`});}
await p.close();}
await b.close();
