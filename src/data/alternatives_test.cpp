#include "data/alternatives.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace lmc::data {
namespace {

// "first / second / third", the answer in brackets; or "-" with what is the matter.
std::string read(std::string_view question, std::string_view answer) {
  const Alternatives found = read_alternatives(question, answer);
  EXPECT_EQ(found.texts.empty(), found.problem != nullptr) << question;
  if (found.problem == kNoAlternatives) return "- none";
  if (found.problem == kUnclearAlternatives) return "- unclear";
  if (found.problem == kOtherAnswer) return "- other";
  std::string text;
  for (size_t i = 0; i < found.texts.size(); ++i) {
    if (i > 0) text += " / ";
    text += i == found.gold ? "[" + found.texts[i] + "]" : found.texts[i];
  }
  return text;
}

struct Case {
  const char* question;
  const char* answer;
  const char* wanted;
};

TEST(Alternatives, WordsOfOneKind) {
  const Case cases[] = {
      {"Is the patient male or female?", "Female", "male / [female]"},
      {"Is this a CT or an MRI?", "MRI", "CT / [MRI]"},
      {"Is this image CT or MRI?", "CT", "[CT] / MRI"},
      {"Was this taken with an MRI or CT scanner?", "CT", "MRI / [CT]"},
      {"Is it on the right or left side?", "Left", "right / [left]"},
      {"Is it on the patient's left or the right side?", "Right side", "left side / [right side]"},
      {"Is it in the left or right kidney?", "Left kidney", "[left kidney] / right kidney"},
      {"Is gray or white matter highlighted?", "Gray matter", "[gray matter] / white matter"},
      {"Is the lesion more or less dense than the tissue?", "Less dense",
       "more dense / [less dense]"},
      {"Is the contour regular or irregular in this slice?", "Irregular", "regular / [irregular]"},
      {"Is the mass hyperdense or hypodense?", "Hypodense", "hyperdense / [hypodense]"},
      {"Is the etiology genetic or vascular?", "Vascular", "genetic / [vascular]"},
      {"Was the scan made with or without contrast?", "Without contrast",
       "with contrast / [without contrast]"},
      {"Is the heart normal or enlarged?", "Enlarged", "normal / [enlarged]"},
      {"Is the fluid increased or decreased?", "Decreased", "increased / [decreased]"},
      {"Is the midline shifted or normal?", "Shifted", "[shifted] / normal"},
      {"Is this a T1 weighted or T2 weighted MRI image?", "T2", "T1 weighted / [T2 weighted]"},
      {"Does it have contrast or no contrast?", "contrast", "[contrast] / no contrast"},
      {"Is it a contrast or non contrast CT?", "non-contrast", "contrast / [non contrast]"},
  };
  for (const Case& one : cases)
    EXPECT_EQ(read(one.question, one.answer), one.wanted) << one.question;
}

TEST(Alternatives, PhrasesKeepTheirWords) {
  const Case cases[] = {
      {"Is the abnormality in the liver or right kidney?", "Liver", "[liver] / right kidney"},
      {"Is the abnormality in the liver or in the right kidney?", "right kidney",
       "liver / [right kidney]"},
      {"Is the mass in the left upper lobe or the right lower lobe?", "Right lower lobe",
       "left upper lobe / [right lower lobe]"},
      {"Is this the small bowel or colon?", "Small bowel", "[small bowel] / colon"},
      {"Is a pneumonia or pleural effusion seen in this image?", "pleural effusion",
       "pneumonia / [pleural effusion]"},
      {"Do you suspect a physical injury or a medical process?", "Medical process",
       "physical injury / [medical process]"},
      {"Is this an abscess or lymphoma?", "Abscess", "[abscess] / lymphoma"},
      {"Is the contrast in the bowels or the vasculature?", "In the vasculature",
       "bowels / [vasculature]"},
      {"Is this MRI with contrast or without contrast?", "with contrast",
       "[with contrast] / without contrast"},
      {"Is it a contrast CT or a non-contrast CT?", "Non-contrast CT",
       "contrast CT / [non-contrast CT]"},
      {"Do you see a vascular process or a genetic process?", "genetic",
       "vascular process / [genetic process]"},
  };
  for (const Case& one : cases)
    EXPECT_EQ(read(one.question, one.answer), one.wanted) << one.question;
}

TEST(Alternatives, Lists) {
  const Case cases[] = {
      {"Is this an MRI, CT or X-Ray?", "X-ray", "MRI / CT / [X-Ray]"},
      {"Which modality is it, MRI, CT, or X-Ray?", "CT", "MRI / [CT] / X-Ray"},
      {"Is this a T1 weighted, T2 weighted, or FLAIR image?", "FLAIR",
       "T1 weighted / T2 weighted / [FLAIR]"},
      {"Is this image modality T1, T2, or FLAIR?", "T1", "[T1] / T2 / FLAIR"},
      {"Which is smaller in this image, liver or left lung?", "Left Lung", "liver / [left lung]"},
      {"Which is the biggest in this image,lung,liver or heart?", "Liver",
       "lung / [liver] / heart"},
      {"Which is the smallest, spleen, left kidney or small bowel?", "Left Kidney",
       "spleen / [left kidney] / small bowel"},
      {"Where is the liver in this image,left,top or upper left?", "Upper left",
       "left / top / [upper left]"},
      {"Which plane is it, transverse plane or coronal plane?", "Coronal Plane",
       "transverse plane / [coronal plane]"},
      {"What is the cause: medical process or physical injury?", "Medical process",
       "[medical process] / physical injury"},
      {"What is denser, the lesion or the surrounding tissue?", "The surrounding tissue",
       "lesion / [surrounding tissue]"},
      {"Which is shown here, white or gray matter?", "Gray matter", "white matter / [gray matter]"},
      {"Are the opacities on the left, right, or both sides of the lung?", "Both",
       "left / right / [both]"},
      {"Is it in the liver, the spleen or the left kidney?", "Left kidney",
       "liver / spleen / [left kidney]"},
      {"MRI, CT or X-Ray?", "CT", "MRI / [CT] / X-Ray"},
      {"liver or right kidney?", "Right kidney", "liver / [right kidney]"},
      {"Left or right?", "left", "[Left] / right"},
      {"In this image, is the mass solid or cystic?", "Solid", "[solid] / cystic"},
  };
  for (const Case& one : cases)
    EXPECT_EQ(read(one.question, one.answer), one.wanted) << one.question;
}

TEST(Alternatives, WhatCanBeCutInTwoWaysIsLeftOut) {
  const Case cases[] = {
      {"Is the abnormality pneumonia or edema?", "Edema", "- unclear"},
      {"Is it regular and uniform or ragged?", "ragged", "- unclear"},
      {"Is it hyper dense or hypo dense?", "Hypodense", "- unclear"},
      {"Are the nodules diffuse in the chest or lateralized to one side?", "Diffuse", "- unclear"},
      {"Are there multiple masses or just a single big one?", "Just one", "- unclear"},
      {"Does it use contrast or not?", "contrast", "- unclear"},
      {"Is it hot or cold or wet?", "wet", "- unclear"},
      {"Is it in the upper left or right?", "right", "- unclear"},
      {"Which is it, left upper or lower lobe?", "lower lobe", "- unclear"},
      {"Is it a liver or kidney stone?", "kidney stone", "- unclear"},
      {"Is it in the left radius or ulna?", "Ulna", "- unclear"},
      {"Is it mildly enlarged or normal?", "normal", "- unclear"},
      {"Is the nodule well marginated or calcified?", "calcified", "- unclear"},
      {"Are the airways over distended or collapsed?", "collapsed", "- unclear"},
      {"Is this pre operative or postoperative?", "postoperative", "- unclear"},
      {"Is the tumor rim calcified or cystic?", "cystic", "- unclear"},
      {"Is the loop fluid filled or collapsed?", "collapsed", "- unclear"},
      {"Is it supra diaphragmatic or infradiaphragmatic?", "infradiaphragmatic", "- unclear"},
      {"Is the spleen kidney bean shaped or enlarged?", "enlarged", "- unclear"},
      {"Is it in the mid to lower or upper lung?", "upper", "- unclear"},
      {"Is the lung contrast enhanced or unenhanced?", "unenhanced", "- unclear"},
      {"Was oral or IV contrast used?", "Both", "- other"},
      {"Which is bigger, kidney or spleen?", "Liver", "- other"},
      {"Which is bigger, liver or heart?", "Almost the same", "- other"},
      {"Is it an infection?", "Maybe", "- none"},
      {"or?", "x", "- unclear"},
      {"either or", "x", "- unclear"},
      {"", "", "- none"},
  };
  for (const Case& one : cases)
    EXPECT_EQ(read(one.question, one.answer), one.wanted) << one.question;
}

TEST(Alternatives, Chinese) {
  const Case cases[] = {
      {"这是CT还是MRI？", "MRI", "CT / [MRI]"},
      {"病灶在左侧还是右侧？", "右侧", "左侧 / [右侧]"},
      {"图像显示的是核磁共振、CT还是X光?", "CT", "核磁共振 / [CT] / X光"},
      {"图中心脏在哪,左侧、顶部还是左上?", "顶部", "左侧 / [顶部] / 左上"},
      {"这个图像是用什么样的权重生成的,t1还是t2?", "T1", "[t1] / t2"},
      {"这是T1加权还是T2加权的核磁共振图像?", "T2", "T1加权 / [T2加权]"},
      {"脑肿瘤是白色的还是灰色的?", "灰色", "白色 / [灰色]"},
      {"肺部正常还是异常?", "异常", "- unclear"},
      {"肺部是正常还是异常?", "异常", "正常 / [异常]"},
      {"图中心脏、肺和肝脏哪个更大?", "肺", "心脏 / [肺] / 肝脏"},
      {"肺或者心脏哪个是异常的?", "心脏", "肺 / [心脏]"},
      {"肝脏和脾脏谁的体积大?", "肝脏", "[肝脏] / 脾脏"},
      {"图中脾脏和肝脏哪个更大?", "心脏", "- other"},
      {"肝脏还是肾脏更大？", "肝脏", "- unclear"},
      {"图中是什么器官?", "肝脏", "- none"},
      {"病灶呈现高回声还是低回声?", "低回声", "高回声 / [低回声]"},
      {"拍片为了观察,显示肌肉还是骨骼?", "骨骼", "肌肉 / [骨骼]"},
      {"结节位于图像中上方还是下方?", "上方", "[上方] / 下方"},
      {"病变是在左肾还是在右肾?", "左肾", "[左肾] / 右肾"},
      {"心脏与肝脏相比哪个更大?", "心脏", "- unclear"},
      {"左肾和右肾里哪个更大?", "左肾", "- unclear"},
  };
  for (const Case& one : cases)
    EXPECT_EQ(read(one.question, one.answer), one.wanted) << one.question;
}

}  // namespace
}  // namespace lmc::data
